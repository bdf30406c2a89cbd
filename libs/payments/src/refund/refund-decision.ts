// What decideRefund() takes and returns: evidence about a refund as values, the next record of the
// refund, and what becomes of its payment in the same commit.
import type { GatewayReport, InquiryAnswer } from '../evidence.js';
import type { Alert, Decision } from '../decision.js';
import type { MoveCause, Payment } from '../payment.js';
import { inquiryDelayMs } from '../schedules.js';
import type { Refund, RefundStatus } from './refund.js';

/** What one refund request told us (protocol §8). `unknown` is the default of every doubt. */
export type RefundOutcome =
  /** Proof that no byte of the request left. `isConfiguration`: none of this terminal's would. */
  | { readonly kind: 'notSent'; readonly reason: string; readonly isConfiguration?: true }
  | { readonly kind: 'accepted'; readonly report: GatewayReport }
  /**
   * The gateway said no before it did anything. `report` where it also told the payment's status.
   */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly report: GatewayReport | null;
    }
  /**
   * A refund of this payment was asked for before: by somebody else, or our request arrived twice.
   */
  | { readonly kind: 'alreadyRequested'; readonly report: GatewayReport }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Everything that can bear on a refund, by cause. */
export type RefundEvidence =
  | { readonly cause: 'request'; readonly act: 'open'; readonly replyBefore: Date }
  | { readonly cause: 'reply'; readonly outcome: RefundOutcome; readonly random: number }
  /**
   * An answer about the payment; `step` says whose due step asked, and so whose schedule moves on.
   */
  | {
      readonly cause: 'inquiry';
      readonly answer: InquiryAnswer;
      readonly step: 'payment' | 'refund';
    }
  | { readonly cause: 'sweeper'; readonly act: 'abandoned' }
  /** A person has looked it up at the gateway. */
  | { readonly cause: 'operator'; readonly as: 'accepted' | 'failed'; readonly note: string };

/** A refund never stands alone: what may become of it depends on its payment. */
export interface RefundedPayment {
  readonly payment: Payment;
  readonly refund: Refund;
}

/** One step of the refund's status machine. */
export interface RefundMove {
  readonly from: RefundStatus;
  readonly to: RefundStatus;
  readonly cause: MoveCause;
  /** The gateway's raw code, where there was one. */
  readonly gatewayCode: string | null;
  /** Why, in a stable word; of an operator's move the evidence. */
  readonly note: string | null;
}

export interface RefundDecision {
  /** The record as it shall be; the very input when nothing is to be written of it. */
  readonly next: Refund;
  /** Present exactly when the status changes. A move to `failed` frees the reserved amount. */
  readonly move: RefundMove | null;
  /** Why nothing moved, in a stable word. */
  readonly unmoved: string | null;
  /** What is written of the payment with it; null when nothing is. */
  readonly payment: Decision | null;
  /** What the payment's part does not raise by itself. */
  readonly alert: Alert | null;
}

/** Nothing moves. `next` may still carry a new due time. */
export function keepRefund(next: Refund, unmoved: string, alert: Alert | null = null) {
  return { next, move: null, unmoved, payment: null, alert } satisfies RefundDecision;
}

interface MoveRequest {
  readonly to: RefundStatus;
  readonly cause: MoveCause;
  readonly epoch?: number;
  readonly failure?: Refund['failure'];
  readonly doubtReason?: string;
  /** For statuses that have no first inquiry of their own. */
  readonly nextStepAt?: Date | null;
  readonly gatewayCode?: string | null;
  readonly note?: string | null;
  readonly alert?: Alert | null;
}

/** The record one move further. */
export function moveRefund(refund: Refund, request: MoveRequest, now: Date): RefundDecision {
  const { to, cause, failure = null, doubtReason = null, alert = null } = request;
  const next: Refund = {
    ...refund,
    status: to,
    version: refund.version + 1,
    epoch: request.epoch ?? refund.epoch,
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
 * The next question about a refund in doubt: the payment's schedule for the same trouble. Never
 * given up.
 */
export function nextInquiryAt(inquiries: number, now: Date): Date | null {
  const delay = inquiryDelayMs('inDoubt', inquiries);
  return delay === null ? null : new Date(now.getTime() + delay);
}
