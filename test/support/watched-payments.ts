// Very many payments that have ended and are due for an inquiry: written as rows, without the
// transitions that lead there.
import type { Pool } from 'pg';

/** The transID of the first one; the others count on. No other payment has them. */
export const WATCHED_TRANS_ID = 700_000_000_000_000_000n;

/** Which payments to plant; of the test terminal unless it is named. */
export interface WatchedPayments {
  readonly count: number;
  readonly dueAt: Date;
  readonly merchantId?: string;
  readonly terminalId?: string;
}

/**
 * Plants `count` payments of one terminal that have succeeded and whose next step is due at
 * `dueAt`, each with its event. Triggers are off meanwhile.
 */
export async function plantWatched(
  pool: Pool,
  { count, dueAt, merchantId = 'mer_test', terminalId = 'ter_test' }: WatchedPayments,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(
      `INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, mode, lane,
         amount_minor, refunded_minor, currency, method, product_name, return_url, customer,
         metadata, status, version, epoch, inquiries, trans_id, order_status, flags,
         submit_before, next_step_at, created_at, updated_at)
       SELECT 'pi_' || to_char(n, 'FM00000000000000000000000000'), $4, $5, 'WATCHED-' || n,
         'test', 'default', 1111, 0, 'EUR', 'CC', 'Two tickets', 'https://shop.example/return',
         '{}', '{}', 'succeeded', 1, 1, 0, ($2::bigint + n)::text, '1', '{}', $3, $3, $3, $3
       FROM generate_series(1, $1::int) n`,
      [count, String(WATCHED_TRANS_ID), dueAt, merchantId, terminalId],
    );
    await client.query(
      `INSERT INTO payment_events
         (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
       SELECT id, 1, merchant_id, status, 'request', '{}', created_at
       FROM payment_intents WHERE reference LIKE 'WATCHED-%'`,
    );
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
