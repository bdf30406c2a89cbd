// `approve <id>` and `proposals list|withdraw`: the actions that wait for a second operator.
import { approve, shownArguments, withdrawProposal } from '@quittance/operations';
import { listProposals, type Proposal } from '@quittance/persistence';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';

/** Enough rows for a person. */
const LISTED_MAX = 100;

export function addApproveCommand(program: Command, run: RunCommand): void {
  program
    .command('approve <id>')
    .description('carry out another operator’s proposal; see "proposals list"')
    .action((id: string) => run((operator) => carryOut(operator, id)));
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

async function carryOut(operator: Operator, id: string): Promise<void> {
  const done = await approve(operator, id);
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

function howOf(proposal: Proposal): string {
  return Object.entries(shownArguments(proposal))
    .map(([name, value]) => `${name}=${[value].flat().join(',')}`)
    .join(' ');
}

function stateOf({ decision, decidedBy, expiresAt }: Proposal, now: Date): string {
  if (decision !== null) return `${decision} by ${decidedBy}`;
  return expiresAt <= now ? 'expired' : `until ${shortTime(expiresAt)}`;
}
