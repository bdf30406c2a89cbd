// The refunds of orders: written from events, many per statement.
import type { EventTransaction, RefundEvent } from '@quittance/events';

/** As for orders, only a higher sequence changes a row. */
const RECORD = `
  INSERT INTO order_refunds (refund_id, payment_intent_id, reference, amount, currency, status, sequence, updated_at)
  SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::numeric[], $5::text[], $6::text[], $7::integer[], $8::timestamptz[])
  ORDER BY 1 -- the same order in every process, so that two of them cannot deadlock
  ON CONFLICT (refund_id) DO UPDATE SET
    status = excluded.status,
    sequence = excluded.sequence,
    updated_at = excluded.updated_at
  WHERE order_refunds.sequence < excluded.sequence`;

/**
 * Stores the content of refunds' events in their delivery's transaction. It is one function object,
 * so that a batch shares one call.
 */
export async function recordRefunds(
  transaction: EventTransaction,
  events: readonly RefundEvent[],
): Promise<void> {
  const newest = [...newestByRefund(events).values()];
  await transaction.query(RECORD, [
    newest.map(({ subject }) => subject),
    newest.map(({ data }) => data.payment_intent.id),
    newest.map(({ data }) => data.refund.reference),
    newest.map(({ data }) => data.refund.amount),
    newest.map(({ data }) => data.refund.currency),
    newest.map(({ data }) => data.refund.status),
    newest.map(({ data }) => data.sequence),
    newest.map(({ time }) => time),
  ]);
}

/** One statement cannot write a row twice, and only the newest event counts. */
function newestByRefund(events: readonly RefundEvent[]): ReadonlyMap<string, RefundEvent> {
  const newest = new Map<string, RefundEvent>();
  for (const event of events) {
    const known = newest.get(event.subject);
    if (!known || known.data.sequence < event.data.sequence) newest.set(event.subject, event);
  }
  return newest;
}
