// The order domain's own Postgres.
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Logger, Metrics, Unavailable, waitFor } from '@quittance/platform';
import {
  isDatabaseUnavailable,
  observePool,
  openPool,
  PostgresClock,
  requireSession,
} from '@quittance/postgres';
import { Pool } from 'pg';
import { DatabaseSettings } from './config.js';

/**
 * Provides a pool that survives an unavailable Postgres, and the clock. Waits for Postgres at
 * startup without a limit.
 */
@Module({
  providers: [
    {
      provide: Pool,
      inject: [DatabaseSettings, Logger, Metrics],
      useFactory: (settings: DatabaseSettings, log: Logger, metrics: Metrics) => {
        const pool = openPool({
          databaseUrl: settings.databaseUrl.reveal(),
          connections: settings.connections,
          pooler: settings.pooler,
          applicationName: 'orders',
          onError: (error) => log.warn({ err: error }, 'a connection to postgres broke'),
        });
        observePool(pool, metrics);
        return pool;
      },
    },
    {
      provide: PostgresClock,
      inject: [Pool, Logger, Metrics],
      useFactory: async (pool: Pool, log: Logger, metrics: Metrics) => {
        const clock = new PostgresClock({ pool, log, metrics });
        const check = () => requireSession(pool).then(() => clock.read());
        await waitFor({ name: 'postgres', check, log });
        return clock;
      },
    },
  ],
  exports: [Pool, PostgresClock],
})
export class OrdersDatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly pool: Pool,
    private readonly clock: PostgresClock,
  ) {}

  onModuleInit(): void {
    this.clock.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.clock.stop();
    await this.pool.end();
  }
}

/**
 * Calls `read`, with a 503 fault when Postgres is unavailable. Only for reads, which may be
 * repeated.
 */
export async function readFromDatabase<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    throw new Unavailable('database_unavailable', 'The orders cannot be read now.', {
      cause: error,
    });
  }
}
