// Provides the Postgres connection pool and the clock.
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { createPool, PostgresSettings } from '@quittance/persistence';
import { Clock, Logger, Metrics, waitFor } from '@quittance/platform';
import { AppName } from '@quittance/server';
import { observePool, PostgresClock, requireSession } from '@quittance/postgres';
import { Pool } from 'pg';

/** The app starts once Postgres has responded, however long that takes. */
@Module({
  providers: [
    {
      provide: Pool,
      inject: [PostgresSettings, AppName, Logger, Metrics],
      useFactory: (settings: PostgresSettings, app: AppName, log: Logger, metrics: Metrics) => {
        const pool = createPool({
          databaseUrl: settings.databaseUrl.reveal(),
          connections: settings.connections,
          pooler: settings.pooler,
          applicationName: `quittance-${app.value}`,
          onError: (err) => log.warn({ err }, 'an idle connection to Postgres broke'),
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
    { provide: Clock, useExisting: PostgresClock },
  ],
  exports: [Pool, PostgresClock, Clock],
})
export class PostgresModule implements OnModuleInit, OnApplicationShutdown {
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
