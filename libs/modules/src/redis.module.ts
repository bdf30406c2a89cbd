// Provides the connections to Redis.
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@quittance/platform';
import { RedisConnections, RedisSettings } from '@quittance/queues';

/**
 * Connections open on first use. The start does not wait for Redis: most processes work without.
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
