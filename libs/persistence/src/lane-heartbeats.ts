// The lanes that workers serve now, and the state of each. A worker writes its lanes every two
// seconds; readers ignore a worker that has not done so for ten. SQL: by Postgres's own clock.
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

/** The state of a lane in one worker. */
export interface ServedLane {
  readonly lane: string;
  /** Submissions in flight. */
  readonly inFlight: number;
  /** Most submissions in flight in this worker. */
  readonly concurrency: number;
  /** The ids of the terminals whose breaker is open. */
  readonly openBreakers: readonly string[];
  /** Milliseconds until the lane's rate permits another submission; 0 when it does now. */
  readonly limitedForMs: number;
}

/** A {@link ServedLane}, as a worker that is alive has written it. */
export interface WorkerLane extends Omit<ServedLane, 'limitedForMs'> {
  readonly workerId: string;
  /** The end of the second whose rate is, or just was, used up; null if none is. */
  readonly limitedUntil: Date | null;
  readonly seenAt: Date;
}

const WRITE = {
  name: 'write_worker_lanes',
  text: `
WITH served AS (
  SELECT * FROM jsonb_to_recordset($2) AS s(lane text, "inFlight" integer, concurrency integer,
    "openBreakers" text[], "limitedForMs" float8)),
left_over AS (
  DELETE FROM worker_lanes w WHERE w.worker_id = $1
    AND NOT EXISTS (SELECT FROM served s WHERE s.lane = w.lane))
INSERT INTO worker_lanes
  (worker_id, lane, in_flight, concurrency, open_breakers, limited_until, seen_at)
SELECT $1, lane, "inFlight", concurrency, "openBreakers",
  CASE WHEN "limitedForMs" > 0 THEN now() + "limitedForMs" * interval '1 millisecond' END, now()
FROM served
ON CONFLICT (worker_id, lane) DO UPDATE SET in_flight = excluded.in_flight,
  concurrency = excluded.concurrency, open_breakers = excluded.open_breakers,
  limited_until = excluded.limited_until, seen_at = excluded.seen_at`,
};

/** A terminal whose submissions a worker holds back, because its gateway does not respond. */
export interface HeldTerminal {
  readonly lane: string;
  readonly merchant: string;
  readonly terminal: string;
}

const HELD_READ_MAX = 500;
const HELD = `
SELECT DISTINCT w.lane, m.name AS merchant, t.name AS terminal
FROM worker_lanes w CROSS JOIN unnest(w.open_breakers) AS b(terminal_id)
JOIN terminals t ON t.id = b.terminal_id JOIN merchants m ON m.id = t.merchant_id
WHERE w.seen_at > now() - interval '10 seconds'
ORDER BY w.lane, m.name, t.name LIMIT ${HELD_READ_MAX}`;

/** Of workers that died. Rows that another worker deletes at the same moment are skipped. */
const SWEEP = {
  name: 'sweep_worker_lanes',
  text: `
WITH dead AS (SELECT worker_id, lane FROM worker_lanes WHERE seen_at < now() - interval '1 minute'
  FOR UPDATE SKIP LOCKED)
DELETE FROM worker_lanes w USING dead d WHERE w.worker_id = d.worker_id AND w.lane = d.lane`,
};

/**
 * A rate of one a second is used up for a second, and workers write every two: a limit that has
 * just ended may have begun again since.
 */
const READ = `
SELECT worker_id AS "workerId", lane, in_flight AS "inFlight", concurrency,
  open_breakers AS "openBreakers", seen_at AS "seenAt",
  CASE WHEN limited_until > now() - interval '2 seconds' THEN limited_until END AS "limitedUntil"
FROM worker_lanes WHERE seen_at > now() - interval '10 seconds' ORDER BY lane, worker_id`;

export class LaneHeartbeats {
  readonly #workerId = randomUUID();

  constructor(private readonly pool: Pool) {}

  /** Replaces the lanes of this worker, and deletes those of workers that died a minute ago. */
  async write(lanes: readonly ServedLane[]): Promise<void> {
    await this.pool.query({ ...WRITE, values: [this.#workerId, JSON.stringify(lanes)] });
    await this.pool.query(SWEEP);
  }

  /** Deletes the lanes of this worker, which takes no more jobs. */
  async remove(): Promise<void> {
    await this.pool.query('DELETE FROM worker_lanes WHERE worker_id = $1', [this.#workerId]);
  }

  /** Returns the lanes of all workers that are alive, sorted by lane. */
  async read(): Promise<WorkerLane[]> {
    return (await this.pool.query<WorkerLane>(READ)).rows;
  }

  /** Returns the terminals whose breaker is open in a worker that is alive, the first 500. */
  async heldTerminals(): Promise<HeldTerminal[]> {
    return (await this.pool.query<HeldTerminal>(HELD)).rows;
  }
}
