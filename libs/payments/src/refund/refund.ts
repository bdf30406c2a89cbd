// The record of a refund, plain and immutable, and its status machine as data. decideRefund() takes
// one and returns the next.
import type { RefundDoubtReason, RefundFailureCode } from '../reasons.js';

export interface Refund {
  /** `re_…` */
  readonly id: string;
  readonly merchantId: string;
  readonly paymentId: string;
  /** The merchant's unique id of the refund and its idempotency key. */
  readonly reference: string;
  /** In the payment's currency; reserved on the payment until the refund fails. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** For people; sent to the gateway unchanged. */
  readonly reason: string | null;
  readonly status: RefundStatus;
  /** Counts transitions. */
  readonly version: number;
  /**
   * The number of the latest attempt, 0 before the first: the fence. A process with a lower number
   * must not send.
   */
  readonly attempt: number;
  /** Inquiries without a result since the last transition. */
  readonly inquiries: number;
  /** Counts the requests from outside the schedule to take the next step at once. */
  readonly asks: number;
  readonly failure: { readonly code: RefundFailureCode; readonly message: string } | null;
  /** The reason why the outcome is unknown; set exactly while `inDoubt`. */
  readonly doubtReason: RefundDoubtReason | null;
  /** No attempt opens after this instant. */
  readonly submitBefore: Date;
  /**
   * When to send, sweep or inquire (by status); null when only an inquiry about the payment or a
   * person moves the refund on.
   */
  readonly nextStepAt: Date | null;
  readonly createdAt: Date;
  /** When the last transition happened. */
  readonly updatedAt: Date;
}

/**
 * The reason of a doubt that no inquiry can resolve. The gateway answered our request with "a
 * refund was requested already", and it has no record of refunds, so it cannot distinguish ours
 * from one made in its dashboard.
 */
export const ALREADY_REQUESTED = 'already_requested';

/** The status of a refund. The domain writes it in camelCase, the database in snake_case. */
export type RefundStatus = keyof typeof REFUND_STATUSES;

interface StatusFacts {
  /** The state of the refund, and the actor that moves it on (also when a process dies here). */
  readonly meaning: string;
  /** Every status that may follow directly. */
  readonly next: readonly string[];
}

export const REFUND_STATUSES = {
  queued: {
    meaning: 'Its amount is reserved and committed, nothing was sent. The worker opens an attempt.',
    next: ['submitting', 'failed'],
  },
  submitting: {
    meaning:
      'An attempt is open and its request may be on the wire. The reply moves it on; if the worker died, the sweeper makes it inDoubt.',
    next: ['queued', 'accepted', 'inDoubt', 'failed'],
  },
  inDoubt: {
    meaning:
      'We do not know whether the gateway took it. An inquiry about the payment or a person with evidence moves it on; no timer does.',
    next: ['accepted', 'succeeded', 'failed'],
  },
  accepted: {
    meaning:
      'The gateway took it; completing it is a manual step there. The watch over the payment sees it completed.',
    next: ['succeeded'],
  },
  succeeded: { meaning: 'The money went back. Final.', next: [] },
  failed: { meaning: 'It provably did not happen; its amount is free again. Final.', next: [] },
} as const satisfies Record<string, StatusFacts>;

/** All statuses, in the order in which a refund meets them. */
export const refundStatuses = Object.keys(REFUND_STATUSES) as readonly RefundStatus[];

/** True when a refund may go from `from` to `to` in one transition. */
export function mayRefundMove(from: RefundStatus, to: RefundStatus): boolean {
  return (REFUND_STATUSES[from].next as readonly RefundStatus[]).includes(to);
}

/** Converts `inDoubt` to `in_doubt`, the form of the database and the timeline. */
export function refundStatusToWire(status: RefundStatus): string {
  return status === 'inDoubt' ? 'in_doubt' : status;
}

/** Converts `in_doubt` to `inDoubt`; `undefined` for a text that is not a status. */
export function refundStatusFromWire(text: string): RefundStatus | undefined {
  return refundStatuses.find((status) => refundStatusToWire(status) === text);
}

/**
 * Returns the status that callers see. `pending` needs no attention: it stands for waiting to be
 * sent and for waiting for the gateway, which the timeline distinguishes.
 */
export function publicRefundStatus(status: RefundStatus): PublicRefundStatus {
  switch (status) {
    case 'queued':
    case 'accepted':
      return 'pending';
    case 'inDoubt':
      return 'in_doubt';
    case 'submitting':
    case 'succeeded':
    case 'failed':
      return status;
  }
}

export const publicRefundStatuses = [
  'pending',
  'submitting',
  'in_doubt',
  'succeeded',
  'failed',
] as const;
export type PublicRefundStatus = (typeof publicRefundStatuses)[number];
