// Runs after each commit of payments or refunds: publishes the orders of new ones and of inquiries
// that callbacks cause, wakes the process's relay, announces the change to waiting callers, and
// counts the transitions.
import type { Refund } from '@quittance/payments';
import type { Logger, Metrics } from '@quittance/platform';
import { observeMoves, observeRefused } from './move-metrics.js';
import type { OutboxRelay, PaymentOrder, RefundOrder } from './outbox.js';
import type { Committed, OnCommitted, OnRefused } from './payments.js';
import { observeRefunds } from './refunds/refund-metrics.js';
import type { OnRefundCommitted } from './refunds/refunds.js';
import type { SampleRecorder } from './samples/sample-recorder.js';

/** Publishes what was committed. A hint: it may be lost, and must not throw. */
export interface CommitHints {
  /** Receives the ids of changed payments and refunds, and of the merchants with new events. */
  readonly announce: (ids: readonly string[]) => void;
  /** Receives the orders to submit new payments and refunds, which the relay publishes too. */
  readonly order: (payments: readonly PaymentOrder[], refunds: readonly RefundOrder[]) => void;
  /** Receives the orders of inquiries; those that are lost come due in Postgres. */
  readonly inquire: (inquiries: readonly InquiryOrder[]) => void;
}

/** The order to inquire about a payment. */
export interface InquiryOrder {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly version: number;
  readonly inquiries: number;
  readonly asks: number;
  readonly at: Date;
}

export class AfterCommit {
  /** The listener for {@link Payments}. */
  readonly payments: OnCommitted;
  /** The listener for {@link Payments}, for statements that Postgres refused. */
  readonly refused: OnRefused;
  /** The listener for {@link Refunds}. */
  readonly refunds: OnRefundCommitted;

  constructor(
    relay: Pick<OutboxRelay, 'poke'>,
    { announce, order, inquire }: CommitHints,
    metrics: Metrics,
    log: Logger,
    samples?: Pick<SampleRecorder, 'committed'>,
  ) {
    const countMoves = observeMoves(metrics, log);
    const countRefunds = observeRefunds(metrics, log);
    this.refused = observeRefused(metrics, log);
    this.payments = (committed) => {
      const orders = committed.flatMap(orderOf);
      if (orders.length > 0) order(orders, []);
      const inquiries = inquiriesOf(committed);
      if (inquiries.length > 0) inquire(inquiries);
      relay.poke();
      // No caller can wait for a change of a new payment yet.
      const changed = committed.filter(({ decision }) => decision !== null);
      const merchants = committed.map(({ payment }) => payment.merchantId);
      announce([...changed.map(({ payment }) => payment.id), ...new Set(merchants)]);
      countMoves(committed);
      samples?.committed(committed);
    };
    this.refunds = (refund, change) => {
      const decision = change?.decision.payment;
      if (!change) order([], [orderOfRefund(refund)]);
      if (decision) this.payments([{ payment: decision.next, decision }]);
      else relay.poke();
      announce([refund.id, refund.merchantId]);
      countRefunds(refund, change);
    };
  }
}

function orderOf({ payment, decision }: Committed): PaymentOrder[] {
  if (decision !== null) return [];
  const { id: paymentId, merchantId, version: sequence, lane, createdAt: at } = payment;
  return [{ paymentId, merchantId, sequence, lane, at }];
}

/** Returns the orders of the inquiries that callbacks cause at once. */
export function inquiriesOf(committed: readonly Committed[]): InquiryOrder[] {
  return committed.flatMap(({ payment, decision }) => {
    if (!decision?.ordersInquiry) return [];
    const { id: paymentId, merchantId, version, inquiries, asks, hintedAt } = payment;
    return [{ paymentId, merchantId, version, inquiries, asks, at: hintedAt ?? payment.updatedAt }];
  });
}

function orderOfRefund({ id, merchantId, version, createdAt }: Refund): RefundOrder {
  return { refundId: id, merchantId, version, at: createdAt };
}
