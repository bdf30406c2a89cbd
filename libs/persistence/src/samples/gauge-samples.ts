// Adds the depth and the age of what waits to the samples: the queued payments of each lane, and
// the doubts of all lanes. One process at a time (a {@link Lease}) writes them. SQL: the parts of
// an index lane by lane, and ages by Postgres's own clock.
import type { Pool } from 'pg';
import { QUEUED_AND_SINCE, WITH_QUEUED_LANES } from '../queued-lanes.js';

/** The gauges. Those of doubts belong to no lane: their lane is `''`. */
export const SAMPLED_GAUGES = [
  'queued',
  'oldest_queued_seconds',
  'in_doubt',
  'in_doubt_oldest_seconds',
] as const;

/**
 * A lane without queued payments has no row, so that many idle lanes cost nothing. `in_doubt`
 * always has one, which proves that the gauges of this second were read. `GREATEST` ignores null:
 * the age of nothing is 0.
 */
const WRITE = {
  name: 'write_gauge_samples',
  text: `${WITH_QUEUED_LANES}, queued AS (
  SELECT lane, ${QUEUED_AND_SINCE}
  FROM lanes
), doubts AS (
  SELECT (SELECT count(*) FROM payment_intents WHERE status = 'in_doubt')
      + (SELECT count(*) FROM refunds WHERE status = 'in_doubt') AS count,
    LEAST(
      (SELECT created_at FROM payment_intents WHERE status = 'in_doubt' ORDER BY id LIMIT 1),
      (SELECT created_at FROM refunds WHERE status = 'in_doubt' ORDER BY id LIMIT 1)) AS since
), gauges (lane, metric, value) AS (
  SELECT lane, 'queued', count FROM queued
  UNION ALL SELECT lane, 'oldest_queued_seconds', GREATEST(0, EXTRACT(EPOCH FROM now() - since)) FROM queued
  UNION ALL SELECT '', 'in_doubt', count FROM doubts
  UNION ALL SELECT '', 'in_doubt_oldest_seconds', GREATEST(0, EXTRACT(EPOCH FROM now() - since)) FROM doubts
)
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT 1, date_trunc('second', now()), lane, metric, value::bigint FROM gauges
ON CONFLICT (step_seconds, at, lane, metric) DO UPDATE SET value = excluded.value`,
};

export class GaugeSamples {
  constructor(private readonly pool: Pool) {}

  /** Reads the gauges, and writes them to the current second. */
  async write(): Promise<void> {
    await this.pool.query(WRITE);
  }
}
