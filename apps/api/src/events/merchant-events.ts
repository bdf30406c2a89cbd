// Every event of a merchant in an order that only ever grows at its end, for whoever wants to catch up.
// Rows become visible when their transaction commits, which is not the order in which they were written. So rows are
// ordered by transaction, and those at and above the horizon, below which every transaction of this database has ended, are held
// back: a reader skips none.
import { type PaymentEvent, paymentEvent } from '@quittance/events';
import type { Pool } from 'pg';
import type { Page } from '../paging.js';
import { cursorOf, type EventPosition } from './event-cursor.js';

/** Asked in a statement of its own: the list has to be read with a later snapshot, which sees all that had ended (ADR 20). */
const HORIZON = { name: 'events_horizon', text: 'SELECT events_horizon()::text AS horizon' };

/** No output column may have a name of the order's: Postgres would sort by it, and `tx::text` sorts 1000 before 999. */
export const LIST = {
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

/** Where to begin, and how many. */
export interface EventsWanted {
  readonly after: EventPosition;
  readonly limit: number;
}

export class MerchantEvents {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Oldest first. `next` is always there: at the end of the list it is where to ask again later. */
  async list(merchantId: string, { after, limit }: EventsWanted): Promise<Page<PaymentEvent>> {
    const { rows: found } = await this.#pool.query<{ horizon: string }>(HORIZON);
    const { rows } = await this.#pool.query<EventRow>({
      ...LIST,
      values: [merchantId, found[0]?.horizon, after.tx, after.paymentId, after.sequence, limit + 1],
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map((row) => eventOf(row, merchantId)),
      has_more: rows.length > limit,
      next: cursorOf(last ? positionOf(last) : after),
    };
  }
}

function positionOf({ committed_by, payment_id, sequence }: EventRow): EventPosition {
  return { tx: committed_by, paymentId: payment_id, sequence };
}

function eventOf(row: EventRow, merchantId: string): PaymentEvent {
  return paymentEvent({
    merchantId,
    paymentId: row.payment_id,
    sequence: row.sequence,
    status: row.status,
    previousStatus: row.previous_status,
    cause: row.cause,
    at: row.created_at,
    snapshot: row.snapshot,
  });
}
