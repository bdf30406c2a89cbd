// What the api is connected to: Postgres, which it cannot work without, and Redis, which it can.
import { createPool } from '@quittance/persistence';
import { type Logger, type Metrics, waitFor } from '@quittance/platform';
import { PostgresClock } from '@quittance/postgres';
import { RedisConnections } from '@quittance/queues';
import type { Pool } from 'pg';
import type { ApiConfig } from '../config.js';

/** The open connections of this process. */
export interface Connections {
  readonly pool: Pool;
  readonly redis: RedisConnections;
  /** Postgres's time. It has to be asked once before anything is served. */
  readonly clock: PostgresClock;
}

/** Makes the connections without waiting for either side. */
export function openConnections(
  { postgres, redis }: ApiConfig,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): Connections {
  const pool = createPool({
    databaseUrl: postgres.databaseUrl.reveal(),
    connections: postgres.connections,
    applicationName: 'quittance-api',
    onError: (err) => log.warn({ err }, 'an idle connection to Postgres broke'),
  });
  const clock = new PostgresClock({ pool, log, metrics });
  const probeKey = `${redis.prefix}-probe`;
  return { pool, redis: new RedisConnections({ url: redis.url, log, probeKey }), clock };
}

/** Resolves once payments can be accepted; says what it waits for. Redis is caught up with when it is there. */
export async function waitForConnections({ clock }: Connections, log: Logger): Promise<void> {
  await waitFor({ name: 'postgres', check: () => clock.ask(), log });
}
