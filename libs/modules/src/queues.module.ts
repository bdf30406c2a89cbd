// Provides the job queues, the jobs that leave directly after a commit, and the change signal
// between processes.
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@quittance/platform';
import {
  ChangeSignal,
  DirectOrders,
  JobProducer,
  QueueRegistry,
  RedisConnections,
  RedisSettings,
} from '@quittance/queues';
import { RedisModule } from './redis.module.js';

@Module({
  imports: [RedisModule],
  providers: [
    {
      provide: QueueRegistry,
      inject: [RedisConnections, RedisSettings],
      useFactory: (redis: RedisConnections, { prefix }: RedisSettings) =>
        new QueueRegistry(redis, prefix),
    },
    {
      provide: JobProducer,
      inject: [QueueRegistry],
      useFactory: (queues: QueueRegistry) => new JobProducer(queues),
    },
    {
      provide: DirectOrders,
      inject: [JobProducer, Logger],
      useFactory: (jobs: JobProducer, log: Logger) => new DirectOrders(jobs, log),
    },
    {
      provide: ChangeSignal,
      inject: [RedisConnections, RedisSettings, Logger],
      useFactory: (redis: RedisConnections, { prefix }: RedisSettings, log: Logger) =>
        new ChangeSignal(redis, prefix, log),
    },
  ],
  exports: [RedisModule, QueueRegistry, JobProducer, DirectOrders, ChangeSignal],
})
export class QueuesModule implements OnApplicationShutdown {
  constructor(private readonly queues: QueueRegistry) {}

  onApplicationShutdown(): Promise<void> {
    return this.queues.close();
  }
}
