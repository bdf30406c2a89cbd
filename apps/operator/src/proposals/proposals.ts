// `approve <id>` and `proposals list|withdraw`: what waits for a second person.
import {
  type ActionContext,
  addOperatorAsProposed,
  approveProposal,
  withdrawProposal,
} from '@quittance/operations';
import { listProposals, type Proposal, type ProposedAction } from '@quittance/persistence';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime, table } from '../command/table.js';
import { replayAsProposed } from '../events/failed-events.js';
import { resolveAsProposed } from '../payments/resolve-payment.js';
import { resolveRefundAsProposed } from '../payments/resolve-refund.js';

/**
 * Carries out a proposal in the transaction and returns what was done, or throws OperatorError when
 * that is no longer possible.
 */
type CarryOut = (operator: Operator, acting: ActionContext, proposal: Proposal) => Promise<string>;

const CARRY_OUT: Readonly<Record<ProposedAction, CarryOut>> = {
  resolve: resolveAsProposed,
  'refunds resolve': resolveRefundAsProposed,
  'events replay': replayAsProposed,
  'operators add': (_operator, acting, proposal) => addOperatorAsProposed(acting, proposal),
};

/** The most that `proposals list` shows: as many as a person reads. */
const LISTED_MAX = 100;

export function addApproveCommand(program: Command, run: RunCommand): void {
  program
    .command('approve <id>')
    .description('do what another person proposed; see "proposals list"')
    .action((id: string) => run((operator) => approve(operator, id)));
}

export function addProposalCommands(program: Command, run: RunCommand): void {
  const proposals = program.command('proposals').description('what waits for a second person');
  proposals
    .command('list')
    .description('what can be approved, oldest first')
    .option('--all', 'also what was decided or has expired')
    .action((options: { all?: boolean }) => run((operator) => list(operator, options)));
  proposals
    .command('withdraw <id>')
    .description('end a proposal without doing it')
    .action((id: string) => run((operator) => withdraw(operator, id)));
}

async function approve(operator: Operator, id: string): Promise<void> {
  const done = await approveProposal(operator, id, (acting, proposal) =>
    CARRY_OUT[proposal.action](operator, acting, proposal),
  );
  operator.print(done);
}

async function withdraw(operator: Operator, id: string): Promise<void> {
  await withdrawProposal(operator, id);
  operator.remark(`${id} is withdrawn; nothing was done.`);
}

async function list({ prisma, clock, print }: Operator, { all }: { all?: boolean }): Promise<void> {
  const now = clock.now();
  const found = await listProposals(prisma, { isOpen: all !== true, now, limit: LISTED_MAX });
  const header = ['ID', 'PROPOSED', 'BY', 'ACTION', 'SUBJECT', 'HOW', 'STATE', 'WHY'];
  print(
    table(
      header,
      found.map((proposal) => rowOf(proposal, now)),
    ),
  );
}

function rowOf(proposal: Proposal, now: Date): string[] {
  const { id, proposedAt, proposedBy, action, subject, why } = proposal;
  const who = [id, shortTime(proposedAt), proposedBy, action, `${subject.kind}:${subject.id}`];
  return [...who, howOf(proposal), stateOf(proposal, now), why ?? ''];
}

/**
 * The arguments that the second person needs to judge; the digest of a key tells a person nothing.
 */
function howOf({ arguments: given }: Proposal): string {
  return Object.entries(given)
    .filter(([name, value]) => name !== 'key_sha256' && value !== null)
    .map(([name, value]) => `${name}=${[value].flat().join(',')}`)
    .join(' ');
}

function stateOf({ decision, decidedBy, expiresAt }: Proposal, now: Date): string {
  if (decision !== null) return `${decision} by ${decidedBy}`;
  return expiresAt <= now ? 'expired' : `until ${shortTime(expiresAt)}`;
}
