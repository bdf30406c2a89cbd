// Stores and reads events as rows for tests of the list, in transactions of the test's choice.
import type { PublishedEvent } from '@quittance/events';
import { Payments } from '@quittance/persistence';
import type { ClientBase, Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import { cursorIn, LIST_START } from '../src/events/list-events-query.js';
import type { MerchantEvents } from '../src/events/merchant-events.js';

const MERCHANT = 'mer_test';

/** Adds the merchant {@link MERCHANT} with one payment. */
export async function addFirstPayment(pool: Pool): Promise<void> {
  await insertTestTerminal(pool);
  await acceptPayment(pool, 'FIRST');
}

/** Accepts a payment on a pool, or in the transaction of one of its connections. */
export async function acceptPayment(on: Pool | ClientBase, reference: string): Promise<void> {
  const queries = { query: on.query.bind(on) } as unknown as Pool;
  const accepted = { payment: aPayment({ reference }), terminalName: 'main', sealedCard: null };
  await new Payments(queries).accept(accepted);
}

/** Uses up transaction ids until the server's counter has reached `wanted`. */
export async function advanceTransactions(pool: Pool, wanted: number): Promise<void> {
  await pool.query(`DO $$ BEGIN
    WHILE pg_snapshot_xmax(pg_current_snapshot()) < '${wanted}'::xid8 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP;
  END $$`);
}

/** Returns the ids of all events of the merchant in the table, in the order of the list. */
export async function storedEvents(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT 'evt_' || substr(e.payment_id, 4) || '_' || e.sequence AS id FROM payment_events e
     WHERE e.merchant_id = $1 ORDER BY e.tx, e.payment_id, e.sequence`,
    [MERCHANT],
  );
  return rows.map(({ id }) => id);
}

/** A subscriber that pages through the list and records what it read. */
export class ListReader {
  readonly read: PublishedEvent[] = [];
  #after = LIST_START;

  constructor(private readonly events: MerchantEvents) {}

  get ids(): string[] {
    return this.read.map(({ id }) => id);
  }

  /** Reads one page. Resolves with true when there are more. */
  async page(limit: number): Promise<boolean> {
    const page = await this.events.list(MERCHANT, { after: this.#after, limit });
    this.read.push(...page.data);
    this.#after = cursorIn(page.next ?? '') ?? this.#after;
    return page.has_more;
  }

  /** Reads pages up to the end of the list. */
  async toEnd(limit: number): Promise<void> {
    while (await this.page(limit));
  }
}
