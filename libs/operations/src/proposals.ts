// Four eyes: what one person may not do alone is stored as a proposal, and a second person approves
// it. A proposal changes nothing but itself; the approval and the action share a transaction.
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

/** Above what a second person is needed; undefined: never. */
export interface FourEyes {
  /** `FOUR_EYES_ABOVE`. */
  readonly above: AmountLimits | undefined;
  /** `FOUR_EYES_BULK_ABOVE`: a number of objects changed by one command. */
  readonly bulkAbove: number | undefined;
  /** How long a proposal can be approved, in milliseconds. */
  readonly expiresAfterMs: number;
}

/** The settings of whoever is at the CLI. */
interface WithFourEyes {
  readonly fourEyes: FourEyes;
}

/**
 * Whether this amount needs a second person. Throws {@link OperatorError} when nobody is
 * registered, because two people could not be told apart.
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
 * Whether changing so many objects at once needs a second person. Throws as {@link
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
    `${variable} needs to know who is who, and no operator is registered: see "operators add".`,
  );
}

/** What is proposed; `audited` is what the audit stores of the arguments, where that is less. */
export type ProposalRequest = Pick<NewProposal, 'action' | 'subject' | 'arguments'> & {
  readonly audited?: object;
};

/** Stores the proposal. Returns what the second person has to type, in words. */
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
    `Proposed, and nothing has changed yet: this needs a second person, before ${expiresAt.toISOString()}, with:\n` +
    `  quittance approve ${id}`
  );
}

/**
 * What the audit row of an action says about the proposal it carries out: the first person's reason
 * and name.
 */
export function approvalOf(proposal: Proposal | undefined): Pick<AuditDraft, 'why' | 'proposal'> {
  return proposal
    ? { why: proposal.why, proposal: { id: proposal.id, by: proposal.proposedBy } }
    : {};
}

/**
 * Approves a proposal of another person and carries it out in the same transaction. `carryOut`
 * returns what was done, in words, or throws {@link OperatorError} when it is no longer possible;
 * then nothing is approved either.
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
        throw new OperatorError(`You proposed ${id} yourself; a second person has to approve it.`);
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

/** Ends a proposal without carrying it out. Throws {@link OperatorError} when it is not open. */
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
 * The proposal, locked until the transaction ends. Throws {@link OperatorError} unless it is open
 * and a registered operator asks.
 */
async function openProposal(acting: ActionContext, id: string): Promise<Proposal> {
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
