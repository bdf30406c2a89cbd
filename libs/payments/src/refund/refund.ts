// What is known of a refund. One plain, immutable record: decideRefund() takes one and returns the next.
import type { RefundStatus } from './refund-status.js';

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
  /** When to send, sweep or ask (by status); null when only the watch over the payment or a person moves it on. */
  readonly nextStepAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * The reason of a doubt that no inquiry can lift: the gateway answered our request with "a refund was asked for already", and it
 * names no refunds, so that it cannot tell ours from one made in its dashboard.
 */
export const ALREADY_REQUESTED = 'already_requested';
