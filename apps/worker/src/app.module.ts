// Puts the worker together: what it is made of, and in which order it starts and stops.
import { observeBacklog, postgresCheck } from '@quittance/persistence';
import { HealthModule, MetricsModule } from '@quittance/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { assemblePasses } from './assembly/passes.js';
import { assembleSteps, consumeJobs } from './assembly/steps.js';
import { openGateway, openStores, type WorkerParts } from './assembly/worker-parts.js';
import { WorkerLifecycle } from './worker-lifecycle.js';

@Module({})
export class AppModule {
  static register(parts: WorkerParts): DynamicModule {
    const { clock, metrics, pool, redis } = parts;
    return {
      module: AppModule,
      imports: [
        MetricsModule.register(metrics),
        HealthModule.register({
          checks: [
            { name: 'postgres', run: postgresCheck(pool) },
            { name: 'redis', run: () => redis.check() },
            { name: 'clock', run: clock.check },
          ],
          metrics,
        }),
      ],
      providers: [{ provide: WorkerLifecycle, useValue: assemble(parts) }],
    };
  }
}

function assemble(parts: WorkerParts): WorkerLifecycle {
  const { config, clock, keyWatch, log, metrics, pool, redis } = parts;
  const stores = openStores(parts);
  const { publisher, queues, relay, terminals } = stores;
  const gateway = openGateway(parts);
  const steps = assembleSteps(parts, stores, gateway);
  const consumer = consumeJobs(parts, steps);
  const passes = assemblePasses(parts, stores, gateway);
  observeBacklog(pool, metrics);
  const connections = { publisher, queues, gateway, redis, pool };
  return new WorkerLifecycle(
    { clock, keyWatch, consumer, ...passes, relay, terminals, ...connections, log },
    { stopLimitMs: config.jobs.stopLimitMs, checkInvariantsEveryMs: config.invariants.everyMs },
  );
}
