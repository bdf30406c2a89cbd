// Gauges of the backlog in Postgres: messages that are not in Redis yet, due steps, and doubts.
// SQL: ages by Postgres's own clock.
import type { Metrics } from '@quittance/platform';
import type { Pool } from 'pg';
import { COMES_FIRST, IS_WATCHED } from './due-kinds.js';

/**
 * Registers the gauges. For one process of the deployment: they describe the database, not the
 * process.
 */
export function observeBacklog(pool: Pool, metrics: Metrics): void {
  metrics.gauge({
    name: 'outbox_lag_seconds',
    help: 'Age of the oldest committed message that is not in Redis yet; 0 when there is none.',
    collect: (gauge) => measure(gauge, pool, OLDEST_MESSAGE),
  });
  metrics.gauge({
    name: 'steps_overdue_seconds',
    help: 'Time for which the oldest step of an open payment, or a requested one, has been due without a job; 0 when there is none.',
    collect: (gauge) => measure(gauge, pool, overdue(COMES_FIRST)),
  });
  metrics.gauge({
    name: 'watch_overdue_seconds',
    help: 'The same for the watch over payments in a final status.',
    collect: (gauge) => measure(gauge, pool, overdue(IS_WATCHED)),
  });
  metrics.gauge({
    name: 'payments_in_doubt',
    help: 'Payments in doubt: it is unknown if the gateway has them.',
    collect: (gauge) => measure(gauge, pool, IN_DOUBT),
  });
  metrics.gauge({
    name: 'refunds_in_doubt',
    help: 'Refunds in doubt: it is unknown if the gateway accepted them.',
    collect: (gauge) => measure(gauge, pool, REFUNDS_IN_DOUBT),
  });
}

const REFUNDS_IN_DOUBT = `SELECT count(*)::float8 AS value FROM refunds WHERE status = 'in_doubt'`;
const OLDEST_MESSAGE = `
SELECT COALESCE(EXTRACT(EPOCH FROM now() - min(created_at)), 0)::float8 AS value
FROM (SELECT created_at FROM outbox ORDER BY id LIMIT 1) oldest`;
const IN_DOUBT = `SELECT count(*)::float8 AS value FROM payment_intents WHERE status = 'in_doubt'`;

/** Reads the first entry of the kind's own index. */
const overdue = (kind: string) => `
SELECT EXTRACT(EPOCH FROM now() - next_step_at)::float8 AS value
FROM payment_intents WHERE next_step_at IS NOT NULL AND ${kind} ORDER BY next_step_at LIMIT 1`;

/**
 * Omits the gauge while Postgres is unavailable, so that the rest of the scrape works: a wrong zero
 * would look healthy.
 */
async function measure(
  gauge: { set(value: number): void; remove(): void },
  pool: Pool,
  sql: string,
): Promise<void> {
  try {
    gauge.set(await scalar(pool, sql));
  } catch {
    gauge.remove();
  }
}

async function scalar(pool: Pool, sql: string): Promise<number> {
  const { rows } = await pool.query<{ value: number }>(sql);
  return Math.max(0, rows[0]?.value ?? 0);
}
