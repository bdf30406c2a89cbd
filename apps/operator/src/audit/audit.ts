// `audit list|verify`: lists operators' actions and verifies that the record is complete (PCI DSS
// 10.3.4, 10.4.1).
import { type ChainPoint, listAudit, type ListedAction, verifyAudit } from '@quittance/persistence';
import { type Command, InvalidArgumentError } from 'commander';
import { parseDate } from '../command/times.js';
import type { Operator, RunCommand } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';
import { shortTime, table } from '../command/table.js';

interface ListOptions {
  readonly subject?: string;
  readonly since?: Date;
  readonly json?: boolean;
}

/** Enough rows for a person. A program that needs all of them continues with `--since`. */
const LISTED_MAX = 200;
const LISTED_AS_JSON_MAX = 10_000;

export function addAuditCommands(program: Command, run: RunCommand): void {
  const audit = program.command('audit').description('the changes that operators made');
  audit
    .command('list')
    .description(`list the newest ${LISTED_MAX} actions, oldest first`)
    .option('--subject <id>', 'only actions on this payment, refund, key, terminal, operator…')
    .option(
      '--since <date>',
      'only actions since then, e.g. 2027-01-31 or 2027-01-31T12:00:00Z',
      parseDate,
    )
    .option(
      '--json',
      `one JSON object per line, with before and after; up to ${LISTED_AS_JSON_MAX}`,
    )
    .action((options: ListOptions) => run((operator) => list(operator, options)));
  audit
    .command('verify')
    .description('recompute the hash chain; prints its head, to be noted elsewhere')
    .option('--head <number:hash>', 'a head noted earlier, which the chain must contain', parseHead)
    .action((options: { head?: ChainPoint }) => run((operator) => verify(operator, options)));
}

function parseHead(text: string): ChainPoint {
  const [, number = '', hash = ''] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(text.trim()) ?? [];
  if (hash !== '') return { number: BigInt(number), hash: Buffer.from(hash, 'hex') };
  throw new InvalidArgumentError('A head has the form that "audit verify" prints: 12:9f86…');
}

async function list({ prisma, print, remark }: Operator, options: ListOptions): Promise<void> {
  const { subject: subjectId, since, json: isJson } = options;
  const limit = isJson ? LISTED_AS_JSON_MAX : LISTED_MAX;
  const filter = { ...(subjectId !== undefined && { subjectId }), ...(since && { since }) };
  const found = await listAudit(prisma, { ...filter, limit });
  if (found.length === limit) remark(`Only the newest ${limit} are shown.`);
  if (isJson) return found.forEach((action) => print(JSON.stringify(jsonOf(action))));
  print(table(['#', 'AT', 'BY', 'ACTION', 'SUBJECT', 'WHY'], found.map(rowOf)));
}

function rowOf(action: ListedAction): string[] {
  const { number, at, operator, proposedBy, subjectKind, subjectId, why } = action;
  const by = proposedBy === null ? operator : `${operator} (proposed by ${proposedBy})`;
  const subject = `${subjectKind}:${subjectId}`;
  return [String(number), shortTime(at), by, action.action, subject, why ?? ''];
}

/** Returns the JSON form of an action, with its members in reading order. */
function jsonOf(listed: ListedAction) {
  const { number, at, operator, proposedBy, proposalId, action, subjectKind, subjectId } = listed;
  return {
    number: Number(number),
    at,
    operator,
    proposedBy,
    proposalId,
    action,
    subjectKind,
    subjectId,
    why: listed.why,
    hash: Buffer.from(listed.hash).toString('hex'),
    before: listed.before,
    after: listed.after,
  };
}

async function verify(operator: Operator, { head }: { head?: ChainPoint }): Promise<void> {
  const finding = await verifyAudit(operator.pool, head ? { noted: head } : {});
  if (!finding.isWhole) throw new OperatorError(`The audit is broken: ${finding.problem}.`);
  const { number, hash } = finding.head;
  operator.remark(
    `The audit is complete: ${number} actions. Note its head where the operators cannot write:`,
  );
  operator.print(`${number}:${hash.toString('hex')}`);
}
