// The payments and refunds in doubt, oldest first, each with the evidence about it. SQL: the last
// row of several tables for each row of a page.
import type { Pool } from 'pg';

/** A payment or a refund in doubt. `minor` is in minor units. */
export interface DoubtRow {
  readonly kind: 'payment' | 'refund';
  readonly id: string;
  readonly payment_id: string;
  readonly reference: string;
  readonly merchant: string;
  readonly terminal: string;
  readonly inquiry: string;
  readonly minor: string;
  readonly currency: string;
  readonly reason: string;
  readonly trans_id: string | null;
  readonly version: number;
  readonly since: Date;
  readonly next_step_at: Date | null;
  readonly inquiries: number;
  /** The last attempt, in words of the row; null when there was none. */
  readonly attempt_outcome: string | null;
  readonly attempt_reason: string | null;
  readonly attempt_at: Date | null;
  /** The last inquiry's answer; null when there was none. */
  readonly answer: string | null;
  readonly answered_at: Date | null;
  readonly callbacks: number;
}

/** Counts of all doubts, and the beginning of the oldest; null when there are none. */
export interface DoubtTotals {
  readonly payments: number;
  readonly refunds: number;
  readonly oldest: Date | null;
}

const PAYMENTS = `
SELECT 'payment' AS kind, p.id, p.id AS payment_id, p.reference, m.name AS merchant, t.name AS terminal, t.inquiry::text AS inquiry,
  p.amount_minor::text AS minor, p.currency, p.doubt_reason AS reason, p.trans_id, p.version,
  COALESCE(e.created_at, p.updated_at) AS since, p.next_step_at, p.inquiries,
  a.outcome AS attempt_outcome, COALESCE(a.error_number, a.reason) AS attempt_reason, a.opened_at AS attempt_at,
  d.answer::text AS answer, d.asked_at AS answered_at,
  (SELECT count(*)::int FROM callbacks c WHERE c.payment_id = p.id) AS callbacks
FROM payment_intents p JOIN merchants m ON m.id = p.merchant_id JOIN terminals t ON t.id = p.terminal_id
LEFT JOIN LATERAL (
  SELECT created_at FROM payment_events e WHERE e.payment_id = p.id AND e.status = 'in_doubt' ORDER BY sequence DESC LIMIT 1) e ON true
LEFT JOIN LATERAL (
  SELECT * FROM submission_attempts a WHERE a.payment_id = p.id ORDER BY number DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (
  SELECT * FROM doubt_inquiries d WHERE d.payment_id = p.id ORDER BY id DESC LIMIT 1) d ON true
WHERE p.status = 'in_doubt' AND p.id > $1 ORDER BY p.id LIMIT $2`;

const REFUNDS = `
SELECT 'refund' AS kind, r.id, r.payment_id, r.reference, m.name AS merchant, t.name AS terminal, t.inquiry::text AS inquiry,
  r.amount_minor::text AS minor, r.currency, r.doubt_reason AS reason, p.trans_id, r.version,
  COALESCE(e.created_at, r.updated_at) AS since, r.next_step_at, r.inquiries,
  a.outcome AS attempt_outcome, a.reason AS attempt_reason, a.opened_at AS attempt_at,
  NULL AS answer, NULL::timestamptz AS answered_at, 0 AS callbacks
FROM refunds r JOIN payment_intents p ON p.id = r.payment_id JOIN merchants m ON m.id = r.merchant_id
JOIN terminals t ON t.id = p.terminal_id
LEFT JOIN LATERAL (
  SELECT created_at FROM refund_events e WHERE e.refund_id = r.id AND e.status = 'in_doubt' ORDER BY sequence DESC LIMIT 1) e ON true
LEFT JOIN LATERAL (
  SELECT * FROM refund_attempts a WHERE a.refund_id = r.id ORDER BY number DESC LIMIT 1) a ON true
WHERE r.status = 'in_doubt' AND r.id > $1 ORDER BY r.id LIMIT $2`;

const TOTALS = `
SELECT (SELECT count(*)::int FROM payment_intents WHERE status = 'in_doubt') AS payments,
  (SELECT count(*)::int FROM refunds WHERE status = 'in_doubt') AS refunds,
  LEAST(
    (SELECT created_at FROM payment_intents WHERE status = 'in_doubt' ORDER BY id LIMIT 1),
    (SELECT created_at FROM refunds WHERE status = 'in_doubt' ORDER BY id LIMIT 1)) AS oldest`;

export class DoubtList {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** Returns the payments in doubt behind the id `after` (`''` for the first), in order of age. */
  async payments(after: string, limit: number): Promise<DoubtRow[]> {
    return (await this.pool.query<DoubtRow>(PAYMENTS, [after, limit])).rows;
  }

  /** Returns the refunds in doubt behind the id `after`, in order of age. */
  async refunds(after: string, limit: number): Promise<DoubtRow[]> {
    return (await this.pool.query<DoubtRow>(REFUNDS, [after, limit])).rows;
  }

  /** Counts all doubts by their own indexes. */
  async totals(): Promise<DoubtTotals> {
    const { rows } = await this.pool.query<DoubtTotals>(TOTALS);
    return rows[0] ?? { payments: 0, refunds: 0, oldest: null };
  }
}
