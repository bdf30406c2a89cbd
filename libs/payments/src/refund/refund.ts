// What is known of a refund: one plain, immutable record, and its status machine as data.
// decideRefund() takes one and returns the next.

export interface Refund {
  /** `re_…` */
  readonly id: string;
  readonly merchantId: string;
  readonly paymentId: string;
  /** The merchant's unique id of the refund and its idempotency key. */
  readonly reference: string;
  /** In the payment's currency; reserved on the payment until the refund has failed. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** For people; goes to the gateway as it is. */
  readonly reason: string | null;
  readonly status: RefundStatus;
  /** Counts moves. */
  readonly version: number;
  /** Counts attempts: the fence. Whoever holds an older epoch must not send. */
  readonly epoch: number;
  /** Fruitless inquiries since the last move. */
  readonly inquiries: number;
  /** Counts the requests from outside to take the next step at once. */
  readonly asks: number;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** Why we do not know; exactly while `inDoubt`. */
  readonly doubtReason: string | null;
  /** No attempt is opened after this instant. */
  readonly submitBefore: Date;
  /**
   * When to send, sweep or ask (by status); null when only the watch over the payment or a person
   * moves it on.
   */
  readonly nextStepAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * The reason of a doubt that no inquiry can lift: the gateway answered our request with "a refund
 * was asked for already", and it names no refunds, so that it cannot tell ours from one made in its
 * dashboard.
 */
export const ALREADY_REQUESTED = 'already_requested';

/** Where a refund stands. Literals are the domain's; the database writes them in snake_case. */
export type RefundStatus = keyof typeof REFUND_STATUSES;

interface StatusFacts {
  /** What is true of the refund, and who moves it on (also when a process dies here). */
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

/** Whether a refund in `from` may go to `to` in one move. */
export function mayRefundMove(from: RefundStatus, to: RefundStatus): boolean {
  return (REFUND_STATUSES[from].next as readonly RefundStatus[]).includes(to);
}

/** `inDoubt` → `in_doubt`, the form of the database and the timeline. */
export function refundStatusToWire(status: RefundStatus): string {
  return status === 'inDoubt' ? 'in_doubt' : status;
}

/** `in_doubt` → `inDoubt`; `undefined` for anything else that is not a status. */
export function refundStatusFromWire(text: string): RefundStatus | undefined {
  return refundStatuses.find((status) => refundStatusToWire(status) === text);
}

/**
 * What callers see: `pending` is whatever needs no attention, waiting to be sent as well as waiting
 * for the gateway. The timeline tells the two apart.
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
