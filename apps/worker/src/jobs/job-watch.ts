// Watches that this worker consumes jobs, for `/readyz` and for the end of a worker that is stuck.
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Logger, Metrics } from '@quittance/platform';
import {
  Consumption,
  ConsumptionSettings,
  RedisConnections,
  RedisSettings,
} from '@quittance/queues';
import { WorkerJobs } from './worker-jobs.js';

@Injectable()
export class JobWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly consumption: Consumption;

  constructor(
    jobs: WorkerJobs,
    connections: RedisConnections,
    { prefix }: RedisSettings,
    limits: ConsumptionSettings,
    log: Logger,
    metrics: Metrics,
  ) {
    this.consumption = new Consumption({
      connections,
      prefix: `${prefix}:canary`,
      workers: () => jobs.workers(),
      limits,
      log,
      metrics,
    });
  }

  onApplicationBootstrap(): void {
    this.consumption.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.consumption.close();
  }
}
