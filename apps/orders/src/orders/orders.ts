// The order table: written from events, many orders with one statement; read by reference.
import type { EventTransaction, PaymentEvent } from '@quittance/events';
import { Conflict } from '@quittance/platform';
import type { Pool } from 'pg';
import type { Fulfilment } from './fulfilment.js';

/** What an event says about an order. */
export interface OrderNews {
  readonly event: PaymentEvent;
  readonly fulfilment: Fulfilment;
}

/** `GET /orders/:reference`. Events are those handled here, in their order. */
export interface OrderView {
  /** The merchant whose reference it is; null when no event has named one. */
  readonly merchant: string | null;
  readonly reference: string;
  readonly payment_intent_id: string;
  readonly payment_status: string;
  readonly sequence: number;
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly sequence: number;
    readonly received_at: string;
  }[];
}

/**
 * Only a higher sequence changes a row: events may come in any order, and from several processes at
 * once.
 */
const RECORD = `
  INSERT INTO orders (payment_intent_id, merchant, reference, payment_status, sequence, fulfilment, updated_at)
  SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::timestamptz[])
  ORDER BY 1 -- the same order in every process, so that two of them cannot deadlock
  ON CONFLICT (payment_intent_id) DO UPDATE SET
    merchant = coalesce(excluded.merchant, orders.merchant),
    payment_status = excluded.payment_status,
    sequence = excluded.sequence,
    fulfilment = excluded.fulfilment,
    updated_at = excluded.updated_at
  WHERE orders.sequence < excluded.sequence`;

const FIND = `
  SELECT o.merchant, o.reference, o.payment_intent_id, o.payment_status, o.sequence,
    ARRAY(
      SELECT json_build_object('id', event_id, 'type', type, 'sequence', i.sequence, 'received_at', received_at)
      FROM event_inbox i WHERE i.subject = o.payment_intent_id ORDER BY i.sequence) AS events
  FROM orders o WHERE o.reference = $1 AND ($2::text IS NULL OR o.merchant = $2)
  ORDER BY o.payment_intent_id LIMIT 2`;

/**
 * Writes what events say, in their delivery's transaction. One function object, so that a batch
 * shares one call.
 */
export async function recordOrders(
  transaction: EventTransaction,
  news: readonly OrderNews[],
): Promise<void> {
  const newest = [...newestByPayment(news).values()];
  await transaction.query(RECORD, [
    newest.map(({ event }) => event.subject),
    newest.map(({ event }) => event.data.merchant ?? null),
    newest.map(({ event }) => event.data.payment_intent.reference),
    newest.map(({ event }) => event.data.payment_intent.status),
    newest.map(({ event }) => event.data.sequence),
    newest.map(({ fulfilment }) => fulfilment),
    newest.map(({ event }) => event.time),
  ]);
}

/**
 * The order with that reference. Throws `ambiguous_reference` when several merchants have one and
 * none is named.
 */
export async function findOrder(
  database: Pool,
  reference: string,
  merchant?: string,
): Promise<OrderView | undefined> {
  const { rows } = await database.query<OrderView>(FIND, [reference, merchant ?? null]);
  const [order, another] = rows;
  if (another) {
    const detail =
      'Several merchants have an order with this reference: name one with ?merchant=<id>.';
    throw new Conflict('ambiguous_reference', detail);
  }
  return order && { ...order, events: order.events.map(withUtcTime) };
}

/** One statement cannot write a row twice, and only the newest counts anyway. */
function newestByPayment(news: readonly OrderNews[]): ReadonlyMap<string, OrderNews> {
  const newest = new Map<string, OrderNews>();
  for (const item of news) {
    const { subject, data } = item.event;
    const known = newest.get(subject);
    if (!known || known.event.data.sequence < data.sequence) newest.set(subject, item);
  }
  return newest;
}

/** Postgres writes `+00:00` and drops zeros; the contract has `Z` and milliseconds. */
function withUtcTime(event: OrderView['events'][number]): OrderView['events'][number] {
  return { ...event, received_at: new Date(event.received_at).toISOString() };
}
