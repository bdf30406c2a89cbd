// Exports the gauges that describe Postgres and Redis, and so the deployment and not this process.
// One worker at a time exports them (docs/adr/0051): from several, their sum would be wrong, and
// each would ask the same of Postgres at each scrape. The same worker adds gauges to the samples,
// and sums and deletes old ones.
import {
  type BeforeApplicationShutdown,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventSettings, PostgresModule, QueueNames, QueuesModule } from '@quittance/modules';
import {
  GaugeSamples,
  Lease,
  observeBacklog,
  observeRetention,
  QueuedLanes,
  Samples,
  Terminals,
} from '@quittance/persistence';
import { Logger, Metrics, PeriodicTask } from '@quittance/platform';
import { LaneDrains, QueueRegistry, registerQueueMetrics } from '@quittance/queues';
import { Pool } from 'pg';
import { JobsModule } from '../jobs/jobs.module.js';

/** A dead exporter is replaced after this time. */
const LEASE_MS = 6_000;
/** A renewal may fail twice without an effect. */
const RENEW_EVERY_MS = 2_000;
/** The depth of a lane's queue changes slowly. */
const DRAINS_EVERY_MS = 5_000;
/** Charts of a quarter of an hour have steps of ten seconds. */
const GAUGES_EVERY_MS = 5_000;
/** The step of samples that are older than an hour. */
const SAMPLES_EVERY_MS = 60_000;

@Module({
  imports: [PostgresModule, QueuesModule, JobsModule],
  providers: [
    {
      provide: QueueNames,
      inject: [Terminals, EventSettings],
      useFactory: (terminals: Terminals, { subscribers }: EventSettings) =>
        new QueueNames(terminals, subscribers),
    },
    {
      provide: Lease,
      inject: [Pool],
      useFactory: (pool: Pool) => new Lease(pool, { name: 'metrics', forMs: LEASE_MS }),
    },
  ],
})
export class DeploymentMetricsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #tasks: readonly PeriodicTask[];

  constructor(
    pool: Pool,
    metrics: Metrics,
    queues: QueueRegistry,
    names: QueueNames,
    log: Logger,
    private readonly lease: Lease,
  ) {
    const isExporter = () => lease.isHeld;
    observeBacklog({ pool, metrics, isExporter });
    observeRetention({ pool, metrics, isExporter });
    registerQueueMetrics({
      metrics,
      queues,
      names: () => (isExporter() ? names.list() : []),
    });
    const [drains, queuedLanes] = [new LaneDrains(queues), new QueuedLanes(pool)];
    drains.observe(metrics);
    const [samples, gauges] = [new Samples(pool), new GaugeSamples(pool)];
    this.#tasks = [
      new PeriodicTask({
        name: 'metrics lease',
        everyMs: RENEW_EVERY_MS,
        run: () => lease.renew(),
        log,
      }),
      new PeriodicTask({
        name: 'lane drains',
        everyMs: DRAINS_EVERY_MS,
        run: async () => {
          const queued = isExporter() ? await queuedLanes.list() : [];
          await drains.read(queued.map(({ lane }) => lane));
        },
        log,
      }),
      new PeriodicTask({
        name: 'gauge samples',
        everyMs: GAUGES_EVERY_MS,
        run: async () => (isExporter() ? gauges.write() : undefined),
        log,
      }),
      new PeriodicTask({
        name: 'old samples',
        everyMs: SAMPLES_EVERY_MS,
        run: async () => (isExporter() ? samples.keepUp() : undefined),
        log,
      }),
    ];
  }

  onApplicationBootstrap(): void {
    for (const task of this.#tasks) task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()));
    // Without Postgres the lease ends by itself.
    await this.lease.release().catch(() => undefined);
  }
}
