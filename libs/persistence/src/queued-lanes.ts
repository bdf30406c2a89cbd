// Queued payments lane by lane, as their index has them: (lane, submit_before, id). Statements that
// need the queued payments of all lanes read a part of each lane and merge the parts, so that none
// reads a backlog as a whole. SQL: a recursive statement, and ages by Postgres's own clock.
import type { Pool } from 'pg';

/** A lane with queued payments. */
export interface QueuedLane {
  readonly lane: string;
  /**
   * Seconds since the acceptance of its payment with the earliest deadline for sending. Payments of
   * paused terminals count, and those that wait for another attempt.
   */
  readonly oldestSeconds: number;
}

/**
 * The head of a statement: `lanes (lane)` are the lanes that have queued payments. It reads one
 * entry of the index per lane.
 */
export const WITH_QUEUED_LANES = `
WITH RECURSIVE lanes_and_end AS (
  (SELECT lane FROM payment_intents WHERE status = 'queued' ORDER BY lane LIMIT 1)
  UNION ALL
  SELECT (SELECT p.lane FROM payment_intents p WHERE p.status = 'queued' AND p.lane > l.lane ORDER BY p.lane LIMIT 1)
  FROM lanes_and_end l WHERE l.lane IS NOT NULL
), lanes AS (
  SELECT lane FROM lanes_and_end WHERE lane IS NOT NULL
)`;

/** Counting more would take too long for a gauge. */
export const COUNTED_MAX = 100_000;

/**
 * Columns of a statement over `lanes`: the number of queued payments of the lane, at most
 * {@link COUNTED_MAX}, and the acceptance of the one with the earliest deadline for sending.
 */
export const QUEUED_AND_SINCE = `(
    SELECT count(*) FROM (
      SELECT FROM payment_intents p WHERE p.status = 'queued' AND p.lane = lanes.lane LIMIT ${COUNTED_MAX}) c
  ) AS count, (
    SELECT created_at FROM payment_intents p WHERE p.status = 'queued' AND p.lane = lanes.lane
    ORDER BY p.submit_before LIMIT 1
  ) AS since`;

const OLDEST = {
  name: 'oldest_queued',
  text: `${WITH_QUEUED_LANES}
SELECT lane, GREATEST(0, EXTRACT(EPOCH FROM now() - created_at))::float8 AS "oldestSeconds"
FROM lanes CROSS JOIN LATERAL (
  SELECT created_at FROM payment_intents p WHERE p.status = 'queued' AND p.lane = lanes.lane
  ORDER BY p.submit_before LIMIT 1) oldest`,
};

/** A terminal with queued payments among the oldest of its lane. */
export interface WaitingTerminal {
  readonly terminalId: string;
  /** Seconds since the acceptance of its oldest payment. */
  readonly oldestSeconds: number;
}

/**
 * Bounds the read. Terminals are missed that have no payment among so many, as when a paused one
 * has more.
 */
const OLDEST_READ = 10_000;

const WAITING_TERMINALS = {
  name: 'waiting_terminals',
  text: `
SELECT terminal_id AS "terminalId", EXTRACT(EPOCH FROM now() - min(oldest.created_at))::float8 AS "oldestSeconds"
FROM (
  SELECT terminal_id, created_at FROM payment_intents WHERE status = 'queued' AND lane = $1
  ORDER BY submit_before LIMIT ${OLDEST_READ}) oldest
JOIN terminals t ON t.id = terminal_id AND t.paused_at IS NULL
GROUP BY terminal_id`,
};

export class QueuedLanes {
  constructor(private readonly pool: Pool) {}

  /**
   * Returns the terminals of the oldest queued payments of a lane, without paused ones: their
   * payments wait for an operator.
   */
  async waitingTerminals(lane: string): Promise<WaitingTerminal[]> {
    return (await this.pool.query<WaitingTerminal>({ ...WAITING_TERMINALS, values: [lane] })).rows;
  }

  /** Returns the lanes that have queued payments. Takes a millisecond, whatever their number. */
  async list(): Promise<QueuedLane[]> {
    return (await this.pool.query<QueuedLane>(OLDEST)).rows;
  }
}
