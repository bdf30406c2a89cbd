// The worker's root module. A stop runs through the modules from here inwards: the periodic work
// stops, the jobs in hand finish, the relay publishes their commits, and the connections close last
// (docs/adr/0036).
import { type DynamicModule, Module } from '@nestjs/common';
import { PostgresModule, QueuesModule } from '@quittance/modules';
import { ConfigModule, HealthModule, MetricsModule } from '@quittance/server';
import { postgresCheck, PostgresClock } from '@quittance/postgres';
import { RedisConnections } from '@quittance/queues';
import { Pool } from 'pg';
import { type WorkerConfig, workerConfig } from './config.js';
import { DeploymentMetricsModule } from './deployment-metrics/deployment-metrics.module.js';
import { ForwardingModule } from './forwarding/forwarding.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { JobWatch } from './jobs/job-watch.js';
import { PeriodicWorkModule } from './periodic-work.module.js';

@Module({
  imports: [
    PostgresModule,
    PeriodicWorkModule,
    ForwardingModule,
    DeploymentMetricsModule,
    MetricsModule,
    HealthModule.registerAsync({
      imports: [PostgresModule, QueuesModule, JobsModule],
      inject: [Pool, RedisConnections, PostgresClock, JobWatch],
      useFactory: (pool: Pool, redis: RedisConnections, clock: PostgresClock, jobs: JobWatch) => [
        { name: 'postgres', run: postgresCheck(pool) },
        { name: 'redis', run: () => redis.check() },
        { name: 'jobs', run: () => jobs.consumption.check() },
        { name: 'clock', run: clock.check },
      ],
    }),
  ],
})
export class AppModule {
  static forRoot(config: WorkerConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ConfigModule.forRoot('worker', workerConfig, config)],
    };
  }
}
