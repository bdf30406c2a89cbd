// `proposals list|withdraw`: what waits for a second person, and taking it back.
import { decideProposal, listProposals, type Proposal } from '@quittance/persistence';
import type { Command } from 'commander';
import { act } from '../audit/act.js';
import type { Operator } from '../command/operator.js';
import type { RunCommand } from '../command/run-command.js';
import { shortTime, table } from '../command/table.js';
import { openProposal } from './approve.js';

/** As many as a person reads. */
const LISTED_MAX = 100;

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

/** What the second person has to know of the arguments; a digest of a key says nothing to anybody. */
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

async function withdraw(operator: Operator, id: string): Promise<void> {
  await act(operator, {}, async (acting) => {
    const proposal = await openProposal(acting, id);
    const { tx, who: by, at } = acting;
    await decideProposal(tx, proposal, { as: 'withdrawn', by, at });
    const { action, subject } = proposal;
    acting.audit({
      action: 'withdraw',
      subject: { kind: 'proposal', id },
      before: { action, subject, proposed_by: proposal.proposedBy },
      after: null,
    });
  });
  operator.remark(`${id} is withdrawn; nothing was done.`);
}
