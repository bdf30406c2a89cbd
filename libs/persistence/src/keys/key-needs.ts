// Counts the payments whose callback address was made with a given key and may still get a
// callback. SQL: three counts in one scan, with a deadline of its own.
import { inTransaction, queryWithLimit } from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';

/** The number of payments by the reason why they need the key. */
export interface PaymentsInNeed {
  /** Open, with an address made with this key. */
  readonly open: number;
  /** Ended recently, with such an address: callbacks can be late. */
  readonly late: number;
  /** Sent by a version that did not store the key; open, or ended recently. */
  readonly unknown: number;
}

/**
 * A payment has an address once a request was built for it; the attempt stores its key. Refunds
 * send no address of their own, and the gateway uses the payment's address after the end too.
 */
const COUNT = `
SELECT count(*) FILTER (WHERE callback_kid = $1 AND is_open)::integer AS open,
  count(*) FILTER (WHERE callback_kid = $1 AND NOT is_open)::integer AS late,
  count(*) FILTER (WHERE callback_kid IS NULL)::integer AS unknown
FROM (
  SELECT callback_kid,
    status IN ('queued', 'submitting', 'requires_action', 'processing', 'in_doubt', 'refund_pending') AS is_open, updated_at
  FROM payment_intents
  WHERE callback_kid = $1 OR (callback_kid IS NULL AND epoch > 0)
) AS addressed
WHERE is_open OR updated_at > now() - $2 * interval '1 millisecond'`;

/** The query reads every payment, once in the life of a key. */
const COUNT_LIMIT_MS = 900_000;

export class KeyNeeds {
  constructor(private readonly pool: Pool) {}

  /**
   * Counts the payments that need a callback token key, with `graceMs` for callbacks after the end.
   */
  payments(kid: string, graceMs: number): Promise<PaymentsInNeed> {
    return inTransaction(this.pool, (client) => countWith(client, kid, graceMs));
  }
}

async function countWith(
  client: PoolClient,
  kid: string,
  graceMs: number,
): Promise<PaymentsInNeed> {
  await client.query(`SET LOCAL statement_timeout = ${COUNT_LIMIT_MS}`);
  const { rows } = await client.query<PaymentsInNeed>(
    queryWithLimit(COUNT_LIMIT_MS, COUNT, [kid, graceMs]),
  );
  return rows[0] ?? { open: 0, late: 0, unknown: 0 };
}
