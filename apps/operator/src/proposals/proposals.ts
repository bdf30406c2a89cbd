// `approve <id>` and `proposals list|withdraw`: the actions that wait for a second operator.
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
 * Carries out a proposal in the transaction and returns a message. Throws OperatorError when the
 * action is no longer possible.
 */
type CarryOut = (operator: Operator, acting: ActionContext, proposal: Proposal) => Promise<string>;

const CARRY_OUT: Readonly<Record<ProposedAction, CarryOut>> = {
  resolve: resolveAsProposed,
  'refunds resolve': resolveRefundAsProposed,
  'events replay': replayAsProposed,
  'operators add': (_operator, acting, proposal) => addOperatorAsProposed(acting, proposal),
};

/** Enough rows for a person. */
const LISTED_MAX = 100;

export function addApproveCommand(program: Command, run: RunCommand): void {
  program
    .command('approve <id>')
    .description('carry out another operator’s proposal; see "proposals list"')
    .action((id: string) => run((operator) => approve(operator, id)));
}

export function addProposalCommands(program: Command, run: RunCommand): void {
  const proposals = program
    .command('proposals')
    .description('actions that wait for a second operator');
  proposals
    .command('list')
    .description('list the pending proposals, oldest first')
    .option('--all', 'include decided and expired proposals')
    .action((options: { all?: boolean }) => run((operator) => list(operator, options)));
  proposals
    .command('withdraw <id>')
    .description('end a proposal without carrying it out')
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
  operator.remark(`${id} is withdrawn; nothing was changed.`);
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
 * Returns the arguments that the second operator must judge, without a key's digest, which says
 * nothing to a person.
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
