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
import { shortTime } from '../command/table.js';
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
  'events replay': async (...given) =>
    (await import('../events/failed-events.js')).replayAsProposed(...given),
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
  operator.output.result(done, { proposal: id, done });
}

async function withdraw(operator: Operator, id: string): Promise<void> {
  await withdrawProposal(operator, id);
  operator.output.remark(`${id} is withdrawn; nothing was changed.`);
}

async function list(operator: Operator, { all }: { all?: boolean }): Promise<void> {
  const { prisma, clock, output } = operator;
  const now = clock.now();
  output.list({
    rows: await listProposals(prisma, { isOpen: all !== true, now, limit: LISTED_MAX }),
    columns: {
      ID: ({ id }) => id,
      PROPOSED: ({ proposedAt }) => shortTime(proposedAt),
      BY: ({ proposedBy }) => proposedBy,
      ACTION: ({ action }) => action,
      SUBJECT: ({ subject }) => `${subject.kind}:${subject.id}`,
      HOW: howOf,
      STATE: (proposal) => stateOf(proposal, now),
      WHY: ({ why }) => why ?? '',
    },
    json: (proposal) => ({
      id: proposal.id,
      proposed_at: proposal.proposedAt,
      proposed_by: proposal.proposedBy,
      action: proposal.action,
      subject: proposal.subject,
      arguments: shownArguments(proposal),
      state: stateOf(proposal, now),
      expires_at: proposal.expiresAt,
      why: proposal.why,
    }),
    none: 'There are no proposals.',
  });
}

/**
 * Returns the arguments that the second operator must judge, without a key's digest, which says
 * nothing to a person.
 */
function shownArguments({ arguments: given }: Proposal): Record<string, unknown> {
  const shown = Object.entries(given).filter(
    ([name, value]) => name !== 'key_sha256' && value !== null,
  );
  return Object.fromEntries(shown);
}

function howOf(proposal: Proposal): string {
  return Object.entries(shownArguments(proposal))
    .map(([name, value]) => `${name}=${[value].flat().join(',')}`)
    .join(' ');
}

function stateOf({ decision, decidedBy, expiresAt }: Proposal, now: Date): string {
  if (decision !== null) return `${decision} by ${decidedBy}`;
  return expiresAt <= now ? 'expired' : `until ${shortTime(expiresAt)}`;
}
