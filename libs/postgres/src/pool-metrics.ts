// Metrics of a pool of connections to Postgres.
import type { Metrics } from '@quittance/platform';
import type { Pool } from 'pg';

/** Adds gauges of the connections, and of the statements that wait for one. */
export function observePool(pool: Pool, metrics: Metrics): void {
  metrics.gauge({
    name: 'postgres_connections',
    help: 'Open connections of this process to Postgres, by state.',
    labels: ['state'],
    collect: (gauge) => {
      gauge.set({ state: 'in_use' }, pool.totalCount - pool.idleCount);
      gauge.set({ state: 'idle' }, pool.idleCount);
    },
  });
  metrics.gauge({
    name: 'postgres_connections_max',
    help: 'The largest number of connections that this process opens.',
    collect: (gauge) => gauge.set(pool.options.max ?? 0),
  });
  metrics.gauge({
    name: 'postgres_waiting',
    help: 'Callers that wait for a free connection to Postgres now.',
    collect: (gauge) => gauge.set(pool.waitingCount),
  });
}
