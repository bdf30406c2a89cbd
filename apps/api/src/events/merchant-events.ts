// Every event of a merchant in an order that only ever grows at its end, for whoever wants to catch up.
// Rows become visible when their transaction commits, which is not the order in which they were written. So rows are
// ordered by transaction, and those of transactions that may still run (or are newer than one that does) are held back
// until no row can appear before them any more: a reader never skips one.
import { type PaymentEvent, paymentEvent } from '@quittance/events';
import type { Pool } from 'pg';
import type { Page } from '../paging.js';
import { cursorOf, type EventPosition } from './event-cursor.js';

const LIST = {
  name: 'list_events',
  text: `
SELECT tx::text, payment_id, sequence, status, previous_status, cause, snapshot, created_at
FROM payment_events
WHERE merchant_id = $1
  AND tx < pg_snapshot_xmin(pg_current_snapshot())
  AND (tx, payment_id, sequence) > ($2::xid8, $3, $4)
ORDER BY tx, payment_id, sequence LIMIT $5`,
};

interface EventRow {
  readonly tx: string;
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
    const { rows } = await this.#pool.query<EventRow>({
      ...LIST,
      values: [merchantId, after.tx, after.paymentId, after.sequence, limit + 1],
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map(eventOf),
      has_more: rows.length > limit,
      next: cursorOf(last ? positionOf(last) : after),
    };
  }
}

function positionOf({ tx, payment_id, sequence }: EventRow): EventPosition {
  return { tx, paymentId: payment_id, sequence };
}

function eventOf(row: EventRow): PaymentEvent {
  return paymentEvent({
    paymentId: row.payment_id,
    sequence: row.sequence,
    status: row.status,
    previousStatus: row.previous_status,
    cause: row.cause,
    at: row.created_at,
    snapshot: row.snapshot,
  });
}
