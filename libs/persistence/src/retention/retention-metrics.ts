// The gauge of retention's walks. They are rows of the database, so one process exports it, as it
// does those of the backlog (docs/adr/0051-gauges-from-one-worker.md).
import type { BacklogMetricsOptions } from '../backlog-metrics.js';
import { Retention } from './retention.js';

/** Registers the gauge, in seconds by kind of data. It is absent while Postgres is unavailable. */
export function observeRetention({ pool, metrics, isExporter }: BacklogMetricsOptions): void {
  const retention = new Retention(pool);
  metrics.gauge({
    name: 'retention_overdue_seconds',
    help: 'Time since the walk that ends a kind of old data was due; 0 between two walks and for data that never ends.',
    labels: ['kind'],
    collect: async (gauge) => {
      // A wrong zero would look healthy.
      const walks = isExporter() ? await retention.walks().catch(() => []) : [];
      gauge.reset();
      for (const { kind, overdueSeconds } of walks) gauge.set({ kind }, overdueSeconds);
    },
  });
}
