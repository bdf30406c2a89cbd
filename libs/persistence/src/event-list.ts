// The events of a merchant in an order that only grows at its end. Rows become visible when their
// transaction commits, which is not the order in which they were written. So rows are ordered by
// transaction, and those at and above the horizon, below which every transaction of this database
// has ended, are held back: a reader misses none. SQL: Prisma does not support `xid8`.
import type { Pool } from 'pg';

/** A position in the list: transaction, then payment, then sequence. */
export interface EventPosition {
  /** A 64-bit transaction id, as decimal digits. */
  readonly tx: string;
  readonly paymentId: string;
  readonly sequence: number;
}

/** A stored event and its position. */
export interface ListedEvent {
  readonly position: EventPosition;
  /** In the form of the wire, as are `previousStatus` and `cause`. */
  readonly status: string;
  readonly previousStatus: string | null;
  readonly cause: string;
  readonly snapshot: object;
  readonly at: Date;
}

/**
 * A statement of its own: the list must be read with a later snapshot, which sees all transactions
 * that had ended (ADR 20).
 */
const HORIZON = { name: 'events_horizon', text: 'SELECT events_horizon()::text AS horizon' };

/**
 * No output column may have a name of the order's columns: Postgres would sort by it, and
 * `tx::text` sorts 1000 before 999.
 */
export const LIST_EVENTS = {
  name: 'list_events',
  text: `
SELECT e.tx::text AS committed_by, e.payment_id, e.sequence, e.status, e.previous_status, e.cause, e.snapshot, e.created_at
FROM payment_events e
WHERE e.merchant_id = $1 AND e.tx < $2::xid8 AND (e.tx, e.payment_id, e.sequence) > ($3::xid8, $4, $5)
ORDER BY e.tx, e.payment_id, e.sequence LIMIT $6`,
};

interface EventRow {
  readonly committed_by: string;
  readonly payment_id: string;
  readonly sequence: number;
  readonly status: string;
  readonly previous_status: string | null;
  readonly cause: string;
  readonly snapshot: object;
  readonly created_at: Date;
}

export class EventList {
  constructor(private readonly pool: Pool) {}

  /** Returns up to `limit` events of the merchant after `after`, oldest first. */
  async read(merchantId: string, after: EventPosition, limit: number): Promise<ListedEvent[]> {
    const { rows: found } = await this.pool.query<{ horizon: string }>(HORIZON);
    const { rows } = await this.pool.query<EventRow>({
      ...LIST_EVENTS,
      values: [merchantId, found[0]?.horizon, after.tx, after.paymentId, after.sequence, limit],
    });
    return rows.map(listedEvent);
  }
}

function listedEvent(row: EventRow): ListedEvent {
  const { committed_by: tx, payment_id: paymentId, sequence } = row;
  return {
    position: { tx, paymentId, sequence },
    status: row.status,
    previousStatus: row.previous_status,
    cause: row.cause,
    snapshot: row.snapshot,
    at: row.created_at,
  };
}
