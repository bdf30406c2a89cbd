// The connections to Redis.
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@quittance/platform';
import { RedisConnections, RedisSettings } from '@quittance/queues';

/**
 * Provides the connections, which are opened on first use. Nothing waits for Redis here: most
 * processes work without it.
 */
@Module({
  providers: [
    {
      provide: RedisConnections,
      inject: [RedisSettings, Logger],
      useFactory: ({ url, prefix }: RedisSettings, log: Logger) =>
        new RedisConnections({ url, log, probeKey: `${prefix}-probe` }),
    },
  ],
  exports: [RedisConnections],
})
export class RedisModule implements OnApplicationShutdown {
  constructor(private readonly redis: RedisConnections) {}

  onApplicationShutdown(): Promise<void> {
    return this.redis.close();
  }
}
