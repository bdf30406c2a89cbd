// The statements of retention. A walk reads payments in the order of their ids, which is that of
// their creation, so it needs no index of its own: an index of what is still to end would have to
// be written with every change of every payment.

/**
 * The kinds of data that end, in the order in which a pass ends them: personal data is erased from
 * every event that is left, so history ends first.
 */
export const RETENTION_KINDS = ['history', 'personal_data', 'payments'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

interface KindStatements {
  /** True in SQL, about the payment `p`, when nothing of the kind is left. */
  readonly isEnded: string;
  /** The function of the database that ends it. */
  readonly end: string;
}

const KINDS: Readonly<Record<RetentionKind, KindStatements>> = {
  personal_data: { isEnded: 'p.personal_data_erased_at IS NOT NULL', end: 'erase_personal_data' },
  history: { isEnded: 'p.history_ended_at IS NOT NULL', end: 'end_history' },
  payments: { isEnded: 'false', end: 'end_payments' },
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
 * Reads the next payments of a walk. $1 is the first id, $2 the number of payments, $3 the instant
 * before which a payment must have changed for the last time, and been created.
 */
export function sliceOf(kind: RetentionKind): string {
  return `
SELECT p.id, p.created_at >= $3 AS "isYoung", ${KINDS[kind].isEnded} AS "isEnded", p.updated_at < $3 AND at_rest(p) AS "isDue"
FROM payment_intents p WHERE p.id >= $1 ORDER BY p.id LIMIT $2`;
}

/** Ends the kind of data of payments: $1 are their ids, $2 is the time. Returns those it ended. */
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
