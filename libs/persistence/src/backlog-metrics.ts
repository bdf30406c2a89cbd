// Gauges of the database: messages that are not in Redis yet, due steps, open payments, doubts and
// paused terminals. SQL: ages by Postgres's own clock.
import type { Metrics } from '@quittance/platform';
import type { Pool } from 'pg';
import { COMES_FIRST, IS_WATCHED } from './due-kinds.js';
import { COUNTED_MAX, QUEUED_AND_SINCE, WITH_QUEUED_LANES } from './queued-lanes.js';

/** The options of {@link observeBacklog}. */
export interface BacklogMetricsOptions {
  readonly pool: Pool;
  readonly metrics: Metrics;
  /**
   * True in the one process that exports the gauges: they describe the database and not the
   * process. In all others they are absent.
   */
  readonly isExporter: () => boolean;
}

/** Registers the gauges. */
export function observeBacklog({ pool, metrics, isExporter }: BacklogMetricsOptions): void {
  const value = valueReader(pool, isExporter);
  const byLane = laneReader(pool, isExporter);
  metrics.gauge({
    name: 'outbox_lag_seconds',
    help: 'Age of the oldest committed message that is not in Redis yet; 0 when there is none.',
    collect: value(OLDEST_MESSAGE),
  });
  metrics.gauge({
    name: 'steps_overdue_seconds',
    help: 'Time for which the oldest step of an open payment, or a requested one, has been due without a job; 0 when there is none.',
    collect: value(overdue(COMES_FIRST)),
  });
  metrics.gauge({
    name: 'watch_overdue_seconds',
    help: 'The same for the watch over payments in a final status.',
    collect: value(overdue(IS_WATCHED)),
  });
  metrics.gauge({
    name: 'payments_open',
    help: 'Payments in each open status, by lane; at most 100,000 of each are counted.',
    labels: ['lane', 'status'],
    collect: byLane(({ lane, status, count }) => [{ lane, status }, count]),
  });
  metrics.gauge({
    name: 'payments_open_oldest_seconds',
    help: 'Age of the oldest payment in each open status since its acceptance, by lane; 0 when there is none.',
    labels: ['lane', 'status'],
    collect: byLane(({ lane, status, oldest }) => [{ lane, status }, oldest]),
  });
  metrics.gauge({
    name: 'refunds_in_doubt',
    help: 'Refunds in doubt: it is unknown if the gateway accepted them.',
    collect: value(`SELECT count(*)::float8 AS value FROM refunds WHERE status = 'in_doubt'`),
  });
  metrics.gauge({
    name: 'refunds_in_doubt_oldest_seconds',
    help: 'Age of the oldest refund in doubt since its request; 0 when there is none.',
    collect: value(OLDEST_REFUND_IN_DOUBT),
  });
  metrics.gauge({
    name: 'terminals_paused',
    help: 'Terminals whose payments wait for an operator.',
    collect: value(`SELECT count(*)::float8 AS value FROM terminals WHERE paused_at IS NOT NULL`),
  });
}

const OLDEST_REFUND_IN_DOUBT = `
SELECT EXTRACT(EPOCH FROM now() - created_at)::float8 AS value
FROM refunds WHERE status = 'in_doubt' ORDER BY id LIMIT 1`;
const OLDEST_MESSAGE = `
SELECT COALESCE(EXTRACT(EPOCH FROM now() - min(created_at)), 0)::float8 AS value
FROM (SELECT created_at FROM outbox ORDER BY id LIMIT 1) oldest`;

/** Reads the first entry of the kind's own index. */
const overdue = (kind: string) => `
SELECT EXTRACT(EPOCH FROM now() - next_step_at)::float8 AS value
FROM payment_intents WHERE next_step_at IS NOT NULL AND ${kind} ORDER BY next_step_at LIMIT 1`;

/** Each part reads one index. A lane without payments of a status has the count 0. */
const OPEN = `${WITH_QUEUED_LANES}, counted AS (
  SELECT lane, 'queued' AS status, ${QUEUED_AND_SINCE}
  FROM lanes
  UNION ALL
  SELECT lane, status::text, count(*), min(created_at) FROM (
    SELECT lane, status, created_at FROM payment_intents
    WHERE status IN ('submitting', 'requires_action', 'processing', 'in_doubt') LIMIT ${COUNTED_MAX}) handed_over
  GROUP BY lane, status
), known AS (
  SELECT lane, status FROM (SELECT DISTINCT lane FROM terminals) used
  CROSS JOIN unnest(ARRAY['queued', 'submitting', 'requires_action', 'processing', 'in_doubt']) AS status
  UNION SELECT lane, status FROM counted
)
SELECT lane, status, COALESCE(count, 0)::float8 AS count,
  GREATEST(0, COALESCE(EXTRACT(EPOCH FROM now() - since), 0))::float8 AS oldest
FROM known LEFT JOIN counted USING (lane, status)`;

/**
 * Returns a maker of `collect` for a gauge without labels. Omits the gauge while Postgres is
 * unavailable, so that the rest of the scrape works: a wrong zero would look healthy.
 */
function valueReader(pool: Pool, isExporter: () => boolean) {
  return (sql: string) => async (gauge: { set(value: number): void; remove(): void }) => {
    gauge.remove();
    if (!isExporter()) return;
    const read = await pool.query<{ value: number }>(sql).catch(() => undefined);
    if (read) gauge.set(Math.max(0, read.rows[0]?.value ?? 0));
  };
}

interface OpenPayments {
  readonly lane: string;
  readonly status: string;
  readonly count: number;
  readonly oldest: number;
}
type LabelledGauge = {
  set(labels: { lane: string; status: string }, value: number): void;
  reset(): void;
};

/** The lifetime of a reading, which the gauges of a scrape and simultaneous scrapes share. */
const SHARED_MS = 1_000;

/** Returns a maker of `collect` for a gauge of the open payments, absent as the others are. */
function laneReader(pool: Pool, isExporter: () => boolean) {
  let last: Promise<readonly OpenPayments[]> | undefined;
  let readAt = 0;
  const read = () => {
    if (last === undefined || performance.now() - readAt > SHARED_MS) {
      readAt = performance.now();
      last = pool.query<OpenPayments>(OPEN).then(
        ({ rows }) => rows,
        () => [],
      );
    }
    return last;
  };
  return (series: (row: OpenPayments) => Parameters<LabelledGauge['set']>) =>
    async (gauge: LabelledGauge) => {
      const rows = isExporter() ? await read() : [];
      gauge.reset();
      for (const row of rows) gauge.set(...series(row));
    };
}
