// `approve <id>`: the second person. The action happens in the transaction of the approval, or neither does.
import {
  decideProposal,
  lockProposal,
  type Proposal,
  type ProposedAction,
} from '@quittance/persistence';
import type { Command } from 'commander';
import { type Acting, act } from '../audit/act.js';
import { retrying } from '../audit/retrying.js';
import { replayAsProposed } from '../events/replay.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import { addOperatorAsProposed } from '../operators/add-operator.js';
import { resolveRefundAsProposed } from '../payments/resolve-refund.js';
import { resolveAsProposed } from '../payments/resolve-payment.js';
import type { RunCommand } from '../command/run-command.js';

/** Carries out what was proposed, in the transaction; says what was done, or throws {@link OperatorError} when it cannot be any more. */
type CarryOut = (operator: Operator, acting: Acting, proposal: Proposal) => Promise<string>;

const CARRY_OUT: Readonly<Record<ProposedAction, CarryOut>> = {
  resolve: resolveAsProposed,
  'refunds resolve': resolveRefundAsProposed,
  'events replay': replayAsProposed,
  'operators add': addOperatorAsProposed,
};

export function addApproveCommand(program: Command, run: RunCommand): void {
  program
    .command('approve <id>')
    .description('do what another person proposed; see "proposals list"')
    .action((id: string) => run((operator) => approve(operator, id)));
}

async function approve(operator: Operator, id: string): Promise<void> {
  const said = await retrying(() =>
    act(operator, {}, async (acting) => {
      const proposal = await openProposal(acting, id);
      if (proposal.proposedBy === acting.who) {
        throw new OperatorError(`You proposed ${id} yourself; a second person has to approve it.`);
      }
      await decideProposal(acting.tx, proposal, {
        as: 'approved',
        by: acting.who,
        at: acting.at,
      });
      acting.audit({
        action: 'approve',
        subject: { kind: 'proposal', id },
        before: null,
        after: { action: proposal.action, subject: proposal.subject },
        proposal: { id, by: proposal.proposedBy },
      });
      return CARRY_OUT[proposal.action](operator, acting, proposal);
    }),
  );
  operator.print(said);
}

/** The proposal, held until the transaction ends. Throws {@link OperatorError} when it is not there to be decided by the person. */
export async function openProposal(acting: Acting, id: string): Promise<Proposal> {
  if (!acting.isRegistered) {
    throw new OperatorError('Proposals are between registered operators: see "operators add".');
  }
  const proposal = await lockProposal(acting.tx, id);
  if (!proposal) throw new OperatorError(`There is no proposal ${id}; see "proposals list".`);
  const { decision, decidedBy, expiresAt } = proposal;
  if (decision !== null) throw new OperatorError(`${id} was ${decision} by ${decidedBy} already.`);
  if (expiresAt <= acting.at) {
    throw new OperatorError(
      `${id} expired at ${expiresAt.toISOString()}; it can be proposed again.`,
    );
  }
  return proposal;
}
