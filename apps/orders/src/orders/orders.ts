// The order table: written from events, many orders per statement, and read by reference.
import type { EventTransaction, PaymentEvent } from '@quittance/events';
import { Conflict } from '@quittance/platform';
import type { Pool } from 'pg';
import { type Fulfilment, fulfilmentOf } from './fulfilment.js';

/** The content of an event about an order. */
export interface OrderUpdate {
  readonly event: PaymentEvent;
  readonly fulfilment: Fulfilment;
}

/** A handled event. */
export interface HandledEvent {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
  readonly received_at: string;
}

/** A refund of an order, with its handled events in their order. */
export interface OrderRefundView {
  readonly id: string;
  readonly reference: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
  readonly sequence: number;
  readonly events: readonly HandledEvent[];
}

/** A payment that tries, or tried, to pay an order. */
export interface OrderPaymentView {
  readonly reference: string;
  readonly payment_intent_id: string;
  readonly payment_status: string;
  readonly fulfilment: Fulfilment;
  /** True when another payment had paid the order before: the money is to be given back. */
  readonly is_surplus: boolean;
}

/**
 * The response of `GET /orders/:reference`, which also finds an order by its `order_id`. It shows
 * the payment of that reference with its handled events in their order, or else the one that paid.
 */
export interface OrderView {
  /** The merchant of the reference; null when no event has named one. */
  readonly merchant: string | null;
  readonly reference: string;
  readonly payment_intent_id: string;
  readonly payment_status: string;
  readonly sequence: number;
  readonly events: readonly HandledEvent[];
  readonly refunds: readonly OrderRefundView[];
  /** Null for an order with one payment. */
  readonly order_id: string | null;
  /** Of the order: its payments together. */
  readonly fulfilment: Fulfilment;
  /** All payments of the order, oldest first. */
  readonly payments: readonly OrderPaymentView[];
}

/**
 * Only a higher sequence changes a row, because events may arrive in any order and in several
 * processes at once.
 */
const RECORD = `
  INSERT INTO orders (payment_intent_id, merchant, reference, order_id, payment_status, sequence, fulfilment, updated_at, paid_at)
  SELECT *, CASE fulfilment WHEN 'paid' THEN updated_at END FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::timestamptz[])
    AS u(payment_intent_id, merchant, reference, order_id, payment_status, sequence, fulfilment, updated_at)
  ORDER BY 1 -- the same order in every process, so that two of them cannot deadlock
  ON CONFLICT (payment_intent_id) DO UPDATE SET
    merchant = coalesce(excluded.merchant, orders.merchant),
    payment_status = excluded.payment_status,
    sequence = excluded.sequence,
    fulfilment = excluded.fulfilment,
    order_id = coalesce(excluded.order_id, orders.order_id),
    updated_at = excluded.updated_at,
    paid_at = CASE excluded.fulfilment WHEN 'paid' THEN coalesce(orders.paid_at, excluded.updated_at) END
  WHERE orders.sequence < excluded.sequence`;

const eventsOf = (subject: string) => `ARRAY(
      SELECT json_build_object('id', event_id, 'type', type, 'sequence', i.sequence, 'received_at', received_at)
      FROM event_inbox i WHERE i.subject = ${subject} ORDER BY i.sequence)`;

const FIND = `
  SELECT o.merchant, o.reference, o.payment_intent_id, o.payment_status, o.sequence, o.order_id,
    ${eventsOf('o.payment_intent_id')} AS events,
    ARRAY(
      SELECT json_build_object('id', refund_id, 'reference', r.reference, 'amount', r.amount::text, 'currency', currency,
        'status', status, 'sequence', r.sequence, 'events', ${eventsOf('refund_id')})
      FROM order_refunds r WHERE r.payment_intent_id = o.payment_intent_id ORDER BY refund_id) AS refunds,
    ARRAY(
      SELECT json_build_object('reference', p.reference, 'payment_intent_id', p.payment_intent_id,
        'payment_status', p.payment_status, 'fulfilment', p.fulfilment, 'paid_at', p.paid_at)
      FROM orders p
      WHERE p.payment_intent_id = o.payment_intent_id
        OR (p.order_id = o.order_id AND p.merchant IS NOT DISTINCT FROM o.merchant)
      ORDER BY p.payment_intent_id) AS payments
  FROM orders o WHERE (o.reference = $1 OR o.order_id = $1) AND ($2::text IS NULL OR o.merchant = $2)
  ORDER BY o.reference = $1 DESC, o.paid_at, o.payment_intent_id DESC`;

/** The view as Postgres returns it. */
interface OrderRow extends Omit<OrderView, 'fulfilment' | 'payments'> {
  readonly payments: readonly (Omit<OrderPaymentView, 'is_surplus'> & {
    readonly paid_at: string | null;
  })[];
}

/**
 * Stores the content of events in their delivery's transaction. It is one function object, so that
 * a batch shares one call.
 */
export async function recordOrders(
  transaction: EventTransaction,
  updates: readonly OrderUpdate[],
): Promise<void> {
  const newest = [...newestByPayment(updates).values()];
  await transaction.query(RECORD, [
    newest.map(({ event }) => event.subject),
    newest.map(({ event }) => event.data.merchant ?? null),
    newest.map(({ event }) => event.data.payment_intent.reference),
    newest.map(({ event }) => event.data.payment_intent.order_id ?? null),
    newest.map(({ event }) => event.data.payment_intent.status),
    newest.map(({ event }) => event.data.sequence),
    newest.map(({ fulfilment }) => fulfilment),
    newest.map(({ event }) => event.time),
  ]);
}

/**
 * Resolves with the order of that reference. Throws `ambiguous_reference` when several merchants
 * have one and none is named.
 */
export async function findOrder(
  database: Pool,
  reference: string,
  merchant?: string,
): Promise<OrderView | undefined> {
  const { rows } = await database.query<OrderRow>(FIND, [reference, merchant ?? null]);
  const [order] = rows;
  if (rows.some((row) => row.merchant !== order?.merchant)) {
    const detail =
      'Several merchants have an order with this reference: name one with ?merchant=<id>.';
    throw new Conflict('ambiguous_reference', detail);
  }
  if (!order) return undefined;
  const refunds = order.refunds.map((refund) => withUtcTimes(refund));
  const { payments, ...shown } = withUtcTimes(order);
  const fulfilment = fulfilmentOf(payments.map((payment) => payment.fulfilment));
  return { ...shown, refunds, fulfilment, payments: withSurplus(payments) };
}

/** Marks each paid payment but the one that was paid first. */
function withSurplus(payments: OrderRow['payments']): readonly OrderPaymentView[] {
  const paid = payments.filter((payment) => payment.paid_at !== null);
  const [first] = paid.toSorted((one, other) => timeOf(one) - timeOf(other));
  return payments.map((payment) => {
    const { paid_at: _, ...view } = payment;
    return { ...view, is_surplus: paid.includes(payment) && payment !== first };
  });
}

const timeOf = ({ paid_at }: { paid_at: string | null }) => new Date(paid_at ?? 0).getTime();

/**
 * Returns the newest event of each payment: one statement cannot write a row twice, and only the
 * newest counts.
 */
function newestByPayment(updates: readonly OrderUpdate[]): ReadonlyMap<string, OrderUpdate> {
  const newest = new Map<string, OrderUpdate>();
  for (const item of updates) {
    const { subject, data } = item.event;
    const known = newest.get(subject);
    if (!known || known.event.data.sequence < data.sequence) newest.set(subject, item);
  }
  return newest;
}

/**
 * Converts a time of Postgres, which has `+00:00` and no trailing zeros, to the contract's `Z` and
 * milliseconds.
 */
function withUtcTimes<T extends { readonly events: readonly HandledEvent[] }>(shown: T): T {
  const events = shown.events.map((event) => ({
    ...event,
    received_at: new Date(event.received_at).toISOString(),
  }));
  return { ...shown, events };
}
