// Enforces that one transaction of a gateway belongs to one payment: an index refuses a second
// owner. This file recognizes that refusal, and finds the other payments that could own a
// transaction found by a reference alone. SQL: functions of the database.
import type { Payment, Rival } from '@quittance/payments';
import { DatabaseError, type Pool } from 'pg';
import { paymentOf, type PaymentRow } from './payment-row.js';

const UNIQUE_VIOLATION = '23505';

/**
 * True when a change would have given a payment the transaction of another payment: nothing was
 * written.
 */
export function isTransactionTaken(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.constraint === 'one_payment_per_transaction'
  );
}

/**
 * $1 is the payment's id, $2 the transID that was found. A payment without a transaction of its own
 * is a candidate if an attempt of it may have arrived. A refusal by the gateway does not exclude
 * it, because a reply can belong to another request. The transaction existed before this query, so
 * the payment that requested it has taken its fence and is visible here. Once the attempts are
 * deleted with the payment's history, any attempt counts.
 */
const OTHERS = `
WITH asking AS (
  SELECT p.id, p.reference, gateway_of(t.base_url) AS gateway
  FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id WHERE p.id = $1
), near AS (
  SELECT t.id, t.merchant_id, a.reference FROM asking a JOIN terminals t ON gateway_of(t.base_url) = a.gateway
)
SELECT o.* FROM payment_intents o JOIN terminals t ON t.id = o.terminal_id JOIN asking a ON o.id <> a.id
WHERE o.trans_id = $2 AND COALESCE(o.gateway, gateway_of(t.base_url)) = a.gateway
UNION ALL
SELECT o.* FROM near n JOIN payment_intents o
  ON o.merchant_id = n.merchant_id AND o.reference = n.reference AND o.terminal_id = n.id
WHERE o.id <> $1 AND o.trans_id IS NULL AND (o.history_ended_at IS NOT NULL AND o.epoch > 0 OR EXISTS (
  SELECT FROM submission_attempts s WHERE s.payment_id = o.id AND s.outcome IS DISTINCT FROM 'notSent'))`;

/** As {@link OTHERS}, among the deleted payments. One with a known transaction has no other. */
const DELETED_OTHERS = `
WITH asking AS (
  SELECT p.reference, gateway_of(t.base_url) AS gateway
  FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id WHERE p.id = $1
)
SELECT 'hasTransaction' AS rival FROM asking a JOIN payment_tombstones d ON d.trans_id = $2 AND d.gateway = a.gateway
UNION ALL
SELECT 'mayHaveTransaction' FROM asking a JOIN payment_tombstones d
  ON d.reference = a.reference AND d.gateway = a.gateway AND d.trans_id IS NULL
ORDER BY 1`;

/**
 * $1 is the payment's id. The same reference elsewhere matters to a doubt without a transaction of
 * its own.
 */
const CONCERNED = `
WITH asking AS (
  SELECT p.id, p.reference, p.trans_id, p.status, COALESCE(p.gateway, gateway_of(t.base_url)) AS gateway
  FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id WHERE p.id = $1
), concerned AS (
  SELECT o.id, 'has this transaction' AS why FROM asking a JOIN payment_intents o ON o.trans_id = a.trans_id
    JOIN terminals t ON t.id = o.terminal_id
  WHERE COALESCE(o.gateway, gateway_of(t.base_url)) = a.gateway
  UNION ALL
  SELECT c.payment_id, 'was answered with this transaction'
  FROM asking a JOIN transaction_claims c ON c.trans_id = a.trans_id AND c.gateway = a.gateway
  UNION ALL
  SELECT o.id, 'has the transaction that this payment was answered with'
  FROM asking a JOIN transaction_claims c ON c.payment_id = a.id
    JOIN payment_intents o ON o.trans_id = c.trans_id AND o.gateway = c.gateway
  UNION ALL
  SELECT o.id, 'has the same reference at the same gateway'
  FROM asking a JOIN terminals t ON gateway_of(t.base_url) = a.gateway
    JOIN payment_intents o ON o.merchant_id = t.merchant_id AND o.reference = a.reference AND o.terminal_id = t.id
  WHERE a.trans_id IS NULL AND a.status = 'in_doubt'
)
SELECT DISTINCT m.name AS "merchantName", o.reference, o.status::text, o.trans_id AS "transId", c.why
FROM concerned c JOIN payment_intents o ON o.id = c.id JOIN merchants m ON m.id = o.merchant_id
WHERE o.id <> $1
UNION ALL
SELECT m.name, d.reference, 'deleted', d.trans_id, 'had the transaction that this payment was answered with'
FROM transaction_claims c JOIN payment_tombstones d ON d.trans_id = c.trans_id AND d.gateway = c.gateway
  JOIN merchants m ON m.id = d.merchant_id
WHERE c.payment_id = $1
UNION ALL
SELECT m.name, d.reference, 'deleted', NULL, 'had the same reference at the same gateway'
FROM asking a JOIN payment_tombstones d ON d.reference = a.reference AND d.gateway = a.gateway AND d.trans_id IS NULL
  JOIN merchants m ON m.id = d.merchant_id
WHERE a.trans_id IS NULL AND a.status = 'in_doubt'
ORDER BY 1, 2, 5`;

/** Another payment that has, or may have, the same transaction; for operators. */
export interface ConcernedPayment {
  readonly merchantName: string;
  readonly reference: string;
  /** `deleted` for one of which only the reference and the transaction are left. */
  readonly status: string;
  readonly transId: string | null;
  /** Its relation to the payment, in words. */
  readonly why: string;
}

export class TransactionOwners {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /**
   * Returns the other payments that have the transaction `transId` of the payment's gateway, or
   * could have it: same gateway, same reference, possibly sent, and no transaction known yet.
   */
  async others({ id }: Payment, transId: string): Promise<Payment[]> {
    const { rows } = await this.pool.query<PaymentRow>(OTHERS, [id, transId]);
    return rows.map(paymentOf);
  }

  /** Returns the claim of a deleted payment to a transaction, the strongest of several. */
  async deletedRival({ id }: Payment, transId: string): Promise<Rival | undefined> {
    const { rows } = await this.pool.query<{ rival: Rival }>(DELETED_OTHERS, [id, transId]);
    return rows[0]?.rival;
  }

  /** Returns the payments to examine beside this one to find the owner of a transaction. */
  async concerned({ id }: Payment): Promise<ConcernedPayment[]> {
    return (await this.pool.query<ConcernedPayment>(CONCERNED, [id])).rows;
  }
}
