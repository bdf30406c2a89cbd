// Four eyes: a change that one operator may not make alone is stored as a proposal, and a second
// operator approves it. A proposal itself changes nothing; the approval and the action share a
// transaction.
import {
  decideProposal,
  insertProposal,
  lockProposal,
  type NewProposal,
  type Proposal,
} from '@quittance/persistence';
import type { Money } from '@quittance/payments';
import { newId } from '@quittance/platform';
import { type ActionContext, act, type AuditDraft, type OperatorSession } from './act.js';
import { type AmountLimits, isAbove } from './amount-limits.js';
import { OperatorError } from './operator-error.js';
import { retryOnConflict } from './retry-on-conflict.js';

/** The limits above which a second operator is needed; undefined means no limit. */
export interface FourEyes {
  /** `FOUR_EYES_ABOVE`. */
  readonly above: AmountLimits | undefined;
  /** `FOUR_EYES_BULK_ABOVE`: the number of objects that one command may change. */
  readonly bulkAbove: number | undefined;
  /** The time until a proposal expires, in milliseconds. */
  readonly expiresAfterMs: number;
}

/** An operator with the limits of this environment. */
interface WithFourEyes {
  readonly fourEyes: FourEyes;
}

/**
 * True when this amount needs a second operator. Throws {@link OperatorError} when no operator is
 * registered, because two people could not be distinguished.
 */
export function needsSecondForAmount(
  { fourEyes: { above } }: WithFourEyes,
  acting: ActionContext,
  money: Money,
): boolean {
  if (above === undefined) return false;
  requireRegistered(acting, 'FOUR_EYES_ABOVE');
  return isAbove(above, money);
}

/**
 * True when changing `count` objects at once needs a second operator. Throws as {@link
 * needsSecondForAmount} does.
 */
export function needsSecondForNumber(
  { fourEyes: { bulkAbove } }: WithFourEyes,
  acting: ActionContext,
  count: number,
): boolean {
  if (bulkAbove === undefined) return false;
  requireRegistered(acting, 'FOUR_EYES_BULK_ABOVE');
  return count > bulkAbove;
}

function requireRegistered({ isRegistered }: ActionContext, variable: string): void {
  if (isRegistered) return;
  throw new OperatorError(
    `${variable} requires registered operators, and there are none: see "operators add".`,
  );
}

/**
 * A proposed action; `audited` replaces the arguments in the audit row where that row should store
 * less.
 */
export type ProposalRequest = Pick<NewProposal, 'action' | 'subject' | 'arguments'> & {
  readonly audited?: object;
};

/** Stores the proposal. Returns the instructions for the second operator. */
export async function propose(
  { fourEyes }: WithFourEyes,
  acting: ActionContext,
  { audited, ...wanted }: ProposalRequest,
): Promise<string> {
  const { tx, at, who, why } = acting;
  const id = newId('prp');
  const expiresAt = new Date(at.getTime() + fourEyes.expiresAfterMs);
  await insertProposal(tx, { id, ...wanted, why, proposedBy: who, proposedAt: at, expiresAt });
  const { action, subject } = wanted;
  acting.audit({
    action: 'propose',
    subject: { kind: 'proposal', id },
    before: null,
    after: { action, subject, arguments: audited ?? wanted.arguments, expires_at: expiresAt },
  });
  return (
    `Proposed; nothing has changed yet. A second operator must approve it before ${expiresAt.toISOString()} with:\n` +
    `  quittance approve ${id}`
  );
}

/**
 * Returns the part of an action's audit row that describes its proposal: the first operator's
 * reason and name.
 */
export function approvalOf(proposal: Proposal | undefined): Pick<AuditDraft, 'why' | 'proposal'> {
  return proposal
    ? { why: proposal.why, proposal: { id: proposal.id, by: proposal.proposedBy } }
    : {};
}

/**
 * Approves another operator's proposal and carries it out in the same transaction. `carryOut`
 * returns a message, or throws {@link OperatorError} when the action is no longer possible; the
 * approval is then rolled back too.
 */
export function approveProposal(
  session: OperatorSession,
  id: string,
  carryOut: (acting: ActionContext, proposal: Proposal) => Promise<string>,
): Promise<string> {
  return retryOnConflict(() =>
    act(session, {}, async (acting) => {
      const proposal = await openProposal(acting, id);
      if (proposal.proposedBy === acting.who) {
        throw new OperatorError(`You proposed ${id} yourself; a second operator must approve it.`);
      }
      const { tx, who: by, at } = acting;
      await decideProposal(tx, proposal, { as: 'approved', by, at });
      acting.audit({
        action: 'approve',
        subject: { kind: 'proposal', id },
        before: null,
        after: { action: proposal.action, subject: proposal.subject },
        proposal: { id, by: proposal.proposedBy },
      });
      return carryOut(acting, proposal);
    }),
  );
}

/** Withdraws a proposal. Throws {@link OperatorError} when it is not pending. */
export async function withdrawProposal(session: OperatorSession, id: string): Promise<void> {
  await act(session, {}, async (acting) => {
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
}

/**
 * Loads a proposal and locks it until the transaction ends. Throws {@link OperatorError} unless the
 * proposal is pending and the operator is registered.
 */
async function openProposal(acting: ActionContext, id: string): Promise<Proposal> {
  if (!acting.isRegistered) {
    throw new OperatorError('Proposals require registered operators: see "operators add".');
  }
  const proposal = await lockProposal(acting.tx, id);
  if (!proposal) throw new OperatorError(`There is no proposal ${id}; see "proposals list".`);
  const { decision, decidedBy, expiresAt } = proposal;
  if (decision !== null) throw new OperatorError(`${id} was already ${decision} by ${decidedBy}.`);
  if (expiresAt <= acting.at) {
    throw new OperatorError(
      `${id} expired at ${expiresAt.toISOString()}; it can be proposed again.`,
    );
  }
  return proposal;
}
