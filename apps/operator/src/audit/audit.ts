// `audit list|verify`: lists operators' actions and verifies that the record is complete (PCI DSS
// 10.3.4, 10.4.1).
import { type ChainPoint, listAudit, type ListedAction, verifyAudit } from '@quittance/persistence';
import { type Command, InvalidArgumentError } from 'commander';
import { parseCount } from '../command/count.js';
import { parseDate } from '../command/times.js';
import type { Operator, RunCommand } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';
import { shortTime } from '../command/table.js';

interface ListOptions {
  readonly subject?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** Enough rows for a person. */
const LISTED_MAX = 200;

export function addAuditCommands(program: Command, run: RunCommand): void {
  const audit = program.command('audit').description('the changes that operators made');
  audit
    .command('list')
    .description('list the newest actions, oldest first; with --json also their before and after')
    .option('--subject <id>', 'only actions on this payment, refund, key, terminal, operator…')
    .option(
      '--since <date>',
      'only actions since then, e.g. 2027-01-31 or 2027-01-31T12:00:00Z',
      parseDate,
    )
    .option('--limit <number>', 'number of actions', parseCount, LISTED_MAX)
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

async function list({ prisma, output }: Operator, options: ListOptions): Promise<void> {
  const { subject: subjectId, since, limit } = options;
  const filter = { ...(subjectId !== undefined && { subjectId }), ...(since && { since }) };
  const found = await listAudit(prisma, { ...filter, limit });
  if (found.length === limit) output.remark(`Only the newest ${limit} are shown; see --limit.`);
  output.list({
    rows: found,
    columns: {
      '#': ({ number }) => String(number),
      AT: ({ at }) => shortTime(at),
      BY: ({ operator, proposedBy }) =>
        proposedBy === null ? operator : `${operator} (proposed by ${proposedBy})`,
      ACTION: ({ action }) => action,
      SUBJECT: ({ subjectKind, subjectId: id }) => `${subjectKind}:${id}`,
      WHY: ({ why }) => why ?? '',
    },
    json: jsonOf,
    none: 'There are no such actions.',
  });
}

/** Returns the JSON form of an action, with its members in reading order. */
function jsonOf(listed: ListedAction) {
  const { number, at, operator, proposedBy, proposalId, action, subjectKind, subjectId } = listed;
  return {
    number: Number(number),
    at,
    operator,
    proposed_by: proposedBy,
    proposal: proposalId,
    action,
    subject: { kind: subjectKind, id: subjectId },
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
  operator.output.remark(
    `The audit is complete: ${number} actions. Note its head where the operators cannot write:`,
  );
  const noted = hash.toString('hex');
  operator.output.result(`${number}:${noted}`, { number: Number(number), hash: noted });
}
