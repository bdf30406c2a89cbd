// The facts in Postgres about the work of the processes, for the verdict that operators read first.
// Each query reads a bounded number of rows by an index, whatever the size of the database.
import type { Pool } from 'pg';
import { COMES_FIRST } from '../due-kinds.js';

/** The oldest 200 queued payments of a lane, unless it or their terminal is paused. */
export interface QueuedLane {
  readonly lane: string;
  /** Time since the oldest one was accepted, in seconds; null when none waits. */
  readonly oldest_seconds: number | null;
  /** Those that wait for another attempt, because the previous one was not sent. */
  readonly retrying: number;
  /** Those that were never tried. */
  readonly waiting: number;
  /** The merchant with most of them, and the number of its own; null when none waits. */
  readonly merchant: string | null;
  readonly of_merchant: number;
}

/** A paused lane with queued payments. */
export interface PausedLane {
  readonly lane: string;
  readonly operator: string;
  readonly reason: string;
  /** Time since the pause, in seconds. */
  readonly seconds: number;
}

/** A paused terminal with queued payments. */
export interface PausedTerminal {
  readonly terminal: string;
  readonly merchant: string;
  readonly reason: string;
}

/** A terminal whose submissions a worker holds back, because its gateway does not respond. */
export interface HeldTerminal {
  readonly terminal: string;
  readonly merchant: string;
}

/** The newest payments of the last quarter of an hour, by their state. */
export interface RecentOutcomes {
  readonly payments: number;
  readonly succeeded: number;
  readonly declined: number;
  readonly failed: number;
  readonly in_doubt: number;
  /** Queued again, because an attempt was not sent. */
  readonly not_sent: number;
}

/** Attempts of those payments that did not end with a reply, by terminal and reason. */
export interface FailedAttempts {
  readonly outcome: string;
  readonly reason: string | null;
  readonly terminal: string;
  readonly merchant: string;
  readonly attempts: number;
}

/** The state of the work. */
export interface WorkState {
  readonly lanes: readonly QueuedLane[];
  readonly paused_lanes: readonly PausedLane[];
  readonly paused: readonly PausedTerminal[];
  readonly held: readonly HeldTerminal[];
  readonly recent: RecentOutcomes;
  readonly failures: readonly FailedAttempts[];
  readonly overdue_seconds: number;
  readonly outbox_seconds: number;
  /** Workers that said within the last minutes that they run. */
  readonly workers: number;
}

/** As many as a lane sends in a second or two; more would not change the verdict. */
const QUEUED_MAX = 200;
const RECENT_MAX = 300;
const RECENT = `interval '15 minutes'`;
/** A worker says every ten seconds that it runs. */
const WORKER_LOST_AFTER = `interval '40 seconds'`;
/** A worker writes its lanes every two seconds. */
const LANE_LOST_AFTER = `interval '10 seconds'`;

const LANES = `
SELECT l.lane, EXTRACT(EPOCH FROM now() - min(q.created_at))::float8 AS oldest_seconds,
  count(*) FILTER (WHERE q.epoch > 0)::int AS retrying, count(*) FILTER (WHERE q.epoch = 0)::int AS waiting,
  (SELECT name FROM merchants WHERE id = (array_agg(q.merchant_id ORDER BY q.of_merchant DESC))[1]) AS merchant,
  COALESCE(max(q.of_merchant), 0)::int AS of_merchant
FROM (
  SELECT DISTINCT lane FROM terminals EXCEPT SELECT name FROM lanes WHERE paused_at IS NOT NULL) l
LEFT JOIN LATERAL (
  SELECT created_at, epoch, merchant_id, count(*) OVER (PARTITION BY merchant_id) AS of_merchant
  FROM (
    SELECT p.created_at, p.epoch, p.merchant_id FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id
    WHERE p.status = 'queued' AND p.lane = l.lane AND t.paused_at IS NULL
    ORDER BY p.submit_before LIMIT ${QUEUED_MAX}) oldest) q ON true
GROUP BY l.lane ORDER BY l.lane`;

const PAUSED_LANES = `
SELECT l.name AS lane, l.paused_by AS operator, l.paused_reason AS reason,
  EXTRACT(EPOCH FROM now() - l.paused_at)::float8 AS seconds
FROM lanes l
WHERE l.paused_at IS NOT NULL AND EXISTS (
  SELECT FROM payment_intents p WHERE p.status = 'queued' AND p.lane = l.name)
ORDER BY l.paused_at LIMIT 10`;

const PAUSED = `
SELECT t.name AS terminal, m.name AS merchant, t.paused_reason AS reason
FROM terminals t JOIN merchants m ON m.id = t.merchant_id
WHERE t.paused_at IS NOT NULL AND EXISTS (
  SELECT FROM payment_intents p WHERE p.status = 'queued' AND p.lane = t.lane AND p.terminal_id = t.id)
ORDER BY t.paused_at LIMIT 10`;

const HELD = `
SELECT DISTINCT t.name AS terminal, m.name AS merchant
FROM worker_lanes w CROSS JOIN unnest(w.open_breakers) AS b(terminal_id)
JOIN terminals t ON t.id = b.terminal_id JOIN merchants m ON m.id = t.merchant_id
WHERE w.seen_at > now() - ${LANE_LOST_AFTER}
ORDER BY m.name, t.name LIMIT 10`;

/** Limited first: looking for 300 recent ones would read the whole table on a quiet day. */
const NEWEST = `
SELECT p.id, p.status, p.epoch, p.terminal_id FROM (
  SELECT id, status, epoch, terminal_id, created_at FROM payment_intents ORDER BY id DESC LIMIT ${RECENT_MAX}) p
WHERE p.created_at > now() - ${RECENT}`;

const OUTCOMES = `
SELECT count(*)::int AS payments,
  count(*) FILTER (WHERE status IN ('succeeded', 'refund_pending', 'refunded', 'partially_refunded'))::int AS succeeded,
  count(*) FILTER (WHERE status IN ('declined', 'blocked'))::int AS declined,
  count(*) FILTER (WHERE status = 'failed')::int AS failed,
  count(*) FILTER (WHERE status = 'in_doubt')::int AS in_doubt,
  count(*) FILTER (WHERE status = 'queued' AND epoch > 0)::int AS not_sent
FROM (${NEWEST}) newest`;

const FAILURES = `
SELECT a.outcome, COALESCE(a.error_number, a.reason) AS reason, t.name AS terminal, m.name AS merchant, count(*)::int AS attempts
FROM (${NEWEST}) newest JOIN submission_attempts a ON a.payment_id = newest.id
JOIN terminals t ON t.id = newest.terminal_id JOIN merchants m ON m.id = t.merchant_id
WHERE a.outcome IN ('notSent', 'unknown')
GROUP BY 1, 2, 3, 4 ORDER BY attempts DESC LIMIT 10`;

const AGES = `
SELECT
  COALESCE((SELECT EXTRACT(EPOCH FROM now() - created_at) FROM outbox ORDER BY id LIMIT 1), 0)::float8 AS outbox_seconds,
  COALESCE((
    SELECT EXTRACT(EPOCH FROM now() - next_step_at) FROM payment_intents
    WHERE next_step_at IS NOT NULL AND ${COMES_FIRST} ORDER BY next_step_at LIMIT 1), 0)::float8 AS overdue_seconds,
  (SELECT count(*)::int FROM key_holders WHERE app = 'worker' AND seen_at > now() - ${WORKER_LOST_AFTER}) AS workers`;

const NONE: RecentOutcomes = {
  payments: 0,
  succeeded: 0,
  declined: 0,
  failed: 0,
  in_doubt: 0,
  not_sent: 0,
};

type Ages = Pick<WorkState, 'outbox_seconds' | 'overdue_seconds' | 'workers'>;

/** Reads the state of the work now, by the clock of Postgres. */
export async function loadWorkState(pool: Pick<Pool, 'query'>): Promise<WorkState> {
  const [lanes, pausedLanes, paused, held, recent, failures, ages] = await Promise.all([
    pool.query<QueuedLane>(LANES),
    pool.query<PausedLane>(PAUSED_LANES),
    pool.query<PausedTerminal>(PAUSED),
    pool.query<HeldTerminal>(HELD),
    pool.query<RecentOutcomes>(OUTCOMES),
    pool.query<FailedAttempts>(FAILURES),
    pool.query<Ages>(AGES),
  ]);
  const none = { outbox_seconds: 0, overdue_seconds: 0, workers: 0 };
  return {
    lanes: lanes.rows,
    paused_lanes: pausedLanes.rows,
    paused: paused.rows,
    held: held.rows,
    recent: recent.rows[0] ?? NONE,
    failures: failures.rows,
    ...(ages.rows[0] ?? none),
  };
}
