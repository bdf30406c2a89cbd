// Approves proposals: the one list of the actions that a second operator can carry out.
import type { Proposal, ProposedAction } from '@quittance/persistence';
import type { ActionContext } from '../act.js';
import { addOperatorAsProposed } from '../operators.js';
import { approveProposal } from '../proposals.js';
import { type ReplayingOperator, replayAsProposed } from './replay-events.js';
import { isOfSpan, replaySpanAsProposed } from './replay-span.js';
import { type ActingOperator, resolveAsProposed } from './resolve-payment.js';
import { resolveRefundAsProposed } from './resolve-refund.js';

/** An operator who may approve every kind of proposal. */
export type ApprovingOperator = ActingOperator & ReplayingOperator;

/**
 * Carries out a proposal in the transaction and returns a message. Throws OperatorError when the
 * action is no longer possible.
 */
type CarryOut = (
  operator: ApprovingOperator,
  acting: ActionContext,
  proposal: Proposal,
) => Promise<string>;

const CARRY_OUT: Readonly<Record<ProposedAction, CarryOut>> = {
  resolve: resolveAsProposed,
  'refunds resolve': resolveRefundAsProposed,
  'events replay': (operator, acting, proposal) =>
    isOfSpan(proposal)
      ? replaySpanAsProposed(acting, proposal)
      : replayAsProposed(operator, acting, proposal),
  'operators add': (_operator, acting, proposal) => addOperatorAsProposed(acting, proposal),
};

/** Carries out another operator's proposal. Returns a message. Throws OperatorError. */
export function approve(operator: ApprovingOperator, id: string): Promise<string> {
  return approveProposal(operator, id, (acting, proposal) =>
    CARRY_OUT[proposal.action](operator, acting, proposal),
  );
}

/**
 * Returns the arguments that the second operator must judge, without a key's digest, which says
 * nothing to a person.
 */
export function shownArguments({ arguments: given }: Proposal): Record<string, unknown> {
  const shown = Object.entries(given).filter(
    ([name, value]) => name !== 'key_sha256' && value !== null,
  );
  return Object.fromEntries(shown);
}
