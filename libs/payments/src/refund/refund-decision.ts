// The input and output of decideRefund(): evidence about a refund as values, the next record of the
// refund, and the change of its payment in the same commit.
import type { GatewayReport, InquiryAnswer } from '../evidence.js';
import type { Alert, Decision } from '../decision.js';
import type { MoveCause, Payment } from '../payment.js';
import { inquiryDelayMs } from '../schedules.js';
import type { RefundDoubtReason, RefundRefusalCode, UnknownReason } from '../reasons.js';
import type { Refund, RefundStatus } from './refund.js';

/** The outcome of one refund request (protocol §8). `unknown` is the default in every doubt. */
export type RefundOutcome =
  /**
   * Proof that no byte of the request left. With `isConfiguration`, none of this terminal would.
   */
  | { readonly kind: 'notSent'; readonly reason: string; readonly isConfiguration?: true }
  | { readonly kind: 'accepted'; readonly report: GatewayReport }
  /**
   * The gateway refused before it did anything. `report` is present if it also reported the
   * payment's status.
   */
  | {
      readonly kind: 'refused';
      readonly code: RefundRefusalCode;
      readonly message: string;
      readonly report: GatewayReport | null;
    }
  /**
   * A refund of this payment was requested before: by someone else, or our request arrived twice.
   */
  | { readonly kind: 'alreadyRequested'; readonly report: GatewayReport }
  /** `detail` is the code of the network, the library or the gateway, for operators. */
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly detail?: string };

/** All evidence about a refund, by cause. */
export type RefundEvidence =
  | { readonly cause: 'request'; readonly act: 'open'; readonly replyBefore: Date }
  | { readonly cause: 'reply'; readonly outcome: RefundOutcome; readonly random: number }
  /**
   * An answer about the payment. `step` names the due step that inquired, whose schedule moves on.
   */
  | {
      readonly cause: 'inquiry';
      readonly answer: InquiryAnswer;
      readonly step: 'payment' | 'refund';
    }
  | { readonly cause: 'sweeper'; readonly act: 'abandoned' }
  /** The result that a person found at the gateway. */
  | { readonly cause: 'operator'; readonly as: 'accepted' | 'failed'; readonly note: string };

/** A refund with its payment, which are always decided together. */
export interface RefundedPayment {
  readonly payment: Payment;
  readonly refund: Refund;
}

/** One transition of the refund's status machine. */
export interface RefundMove {
  readonly from: RefundStatus;
  readonly to: RefundStatus;
  readonly cause: MoveCause;
  /** The gateway's raw code, if it gave one. */
  readonly gatewayCode: string | null;
  /** The reason, as a stable identifier; for an operator's transition the evidence. */
  readonly note: string | null;
}

export interface RefundDecision {
  /** The record to store; the input itself when nothing of the refund changes. */
  readonly next: Refund;
  /**
   * Present exactly when the status changes. A transition to `failed` releases the reserved amount.
   */
  readonly move: RefundMove | null;
  /** The reason why the status did not change, as a stable identifier. */
  readonly unmoved: string | null;
  /** The payment's change in the same commit; null when there is none. */
  readonly payment: Decision | null;
  /** The alert that the payment's change does not raise by itself. */
  readonly alert: Alert | null;
}

/** Leaves the status as it is. `next` may still carry a new due time. */
export function keepRefund(next: Refund, unmoved: string, alert: Alert | null = null) {
  return { next, move: null, unmoved, payment: null, alert } satisfies RefundDecision;
}

interface MoveRequest {
  readonly to: RefundStatus;
  readonly cause: MoveCause;
  readonly attempt?: number;
  readonly failure?: Refund['failure'];
  readonly doubtReason?: RefundDoubtReason;
  /** For statuses without a first inquiry of their own. */
  readonly nextStepAt?: Date | null;
  readonly gatewayCode?: string | null;
  readonly note?: string | null;
  readonly alert?: Alert | null;
}

/** Returns the record after one transition. */
export function moveRefund(refund: Refund, request: MoveRequest, now: Date): RefundDecision {
  const { to, cause, failure = null, doubtReason = null, alert = null } = request;
  const next: Refund = {
    ...refund,
    status: to,
    version: refund.version + 1,
    attempt: request.attempt ?? refund.attempt,
    inquiries: 0,
    failure,
    doubtReason,
    nextStepAt: request.nextStepAt ?? null,
    updatedAt: now,
  };
  const note = request.note ?? doubtReason ?? failure?.code ?? null;
  const { gatewayCode = null } = request;
  return {
    next,
    move: { from: refund.status, to, cause, gatewayCode, note },
    unmoved: null,
    payment: null,
    alert,
  };
}

/**
 * Returns when the next inquiry about a refund in doubt is due: by the schedule of a payment in
 * doubt, which has no end.
 */
export function nextInquiryAt(inquiries: number, now: Date): Date | null {
  const delay = inquiryDelayMs('inDoubt', inquiries);
  return delay === null ? null : new Date(now.getTime() + delay);
}
