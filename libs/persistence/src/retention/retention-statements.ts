// The statements of retention. A walk reads payments in the order of their ids, which is that of
// their creation, so it needs no index of its own: an index of what is still to end would have to
// be written with every change of every payment.
//
// Batches are read in the order of their key too, whole at each walk, because merchants name them
// and names say nothing about age. An index on `updated_at` would find the old ones alone, but
// calls change that column with every few outcomes: no such update could be heap-only any more. A
// row is small and stands for a whole call, so reading them all costs less.

/**
 * The kinds of data that end, in the order in which a pass ends them: personal data is erased from
 * every event that is left, so history ends first.
 */
export const RETENTION_KINDS = ['history', 'personal_data', 'payments', 'batches'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

interface KindStatements {
  readonly slice: string;
  /** The function of the database that ends it. */
  readonly end: string;
}

/** `isEnded` is true in SQL, about the payment `p`, when nothing of the kind is left. */
const slicePayments = (isEnded: string) => `
SELECT p.id, p.created_at >= $3 AS "isYoung", ${isEnded} AS "isEnded", p.updated_at < $3 AND at_rest(p) AS "isDue"
FROM payment_intents p WHERE p.id >= $1 ORDER BY p.id LIMIT $2`;

/**
 * A batch is `<merchant>/<batch>`, and neither has a slash. The walk continues behind it: between a
 * name and any text after it there may be others.
 */
const SLICE_BATCHES = `
SELECT b.merchant_id || '/' || b.id AS id, false AS "isYoung", false AS "isEnded", b.updated_at < $3 AS "isDue"
FROM payment_batches b WHERE (b.merchant_id, b.id) > (split_part($1, '/', 1), split_part($1, '/', 2))
ORDER BY b.merchant_id, b.id LIMIT $2`;

const KINDS: Readonly<Record<RetentionKind, KindStatements>> = {
  personal_data: {
    slice: slicePayments('p.personal_data_erased_at IS NOT NULL'),
    end: 'erase_personal_data',
  },
  history: { slice: slicePayments('p.history_ended_at IS NOT NULL'), end: 'end_history' },
  payments: { slice: slicePayments('false'), end: 'end_payments' },
  batches: { slice: SLICE_BATCHES, end: 'end_batches' },
};

/** Creates the walk of a kind at its first use. $1 is the kind, $2 the time. */
export const CREATE_WALK = `
INSERT INTO retention (kind, reached, ended, due_at, updated_at) VALUES ($1, '', 0, $2, $2) ON CONFLICT DO NOTHING`;

export const READ_WALK = 'SELECT * FROM retention WHERE kind = $1';

/** Locks the walk of a kind, unless another process has it. */
export const LOCK_WALK = 'SELECT * FROM retention WHERE kind = $1 FOR UPDATE SKIP LOCKED';

/** Stores a walk: $1 is the kind, then its columns in the order of the table. */
export const STORE_WALK = `
UPDATE retention SET keep_days = $2, reached = $3, left_behind = $4, ended = ended + $5, due_at = $6, updated_at = $7
WHERE kind = $1`;

/**
 * Reads the next payments of a walk, or batches. $1 is where the walk is, $2 the number of rows, $3
 * the instant before which one must have changed for the last time, and a payment been created.
 */
export function sliceOf(kind: RetentionKind): string {
  return KINDS[kind].slice;
}

/** Ends what a slice read: $1 are the ids, $2 is the time. Returns those it ended. */
export function ending(kind: RetentionKind): string {
  return `SELECT id FROM ${KINDS[kind].end}($1, $2) AS id`;
}

/**
 * Every event committed before this instant was handled by every subscriber, so that no queue can
 * need an older one again.
 */
export const DELIVERED_BEFORE = 'SELECT delivered_before AS "deliveredBefore" FROM queue_watch';

export const WALKS = `
SELECT kind, keep_days AS "keepDays", ended::float8 AS ended, due_at AS "dueAt",
  CASE WHEN keep_days IS NULL THEN 0 ELSE GREATEST(0, EXTRACT(EPOCH FROM now() - due_at)) END::float8 AS "overdueSeconds"
FROM retention`;
