// Provides the job queues and the change signal between processes.
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@quittance/platform';
import {
  ChangeSignal,
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
      provide: ChangeSignal,
      inject: [RedisConnections, RedisSettings, Logger],
      useFactory: (redis: RedisConnections, { prefix }: RedisSettings, log: Logger) =>
        new ChangeSignal(redis, prefix, log),
    },
  ],
  exports: [RedisModule, QueueRegistry, JobProducer, ChangeSignal],
})
export class QueuesModule implements OnApplicationShutdown {
  constructor(private readonly queues: QueueRegistry) {}

  onApplicationShutdown(): Promise<void> {
    return this.queues.close();
  }
}
