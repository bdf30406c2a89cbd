// What the api is connected to: Postgres, which it cannot work without, and Redis, which it can.
import { createPool } from '@quittance/persistence';
import { type Logger, waitFor } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import type { Pool } from 'pg';
import type { ApiConfig } from '../config.js';

/** The open connections of this process. */
export interface Connections {
  readonly pool: Pool;
  readonly redis: RedisConnections;
}

/** Makes the connections without waiting for either side. */
export function openConnections({ postgres, redis }: ApiConfig, log: Logger): Connections {
  const pool = createPool({
    databaseUrl: postgres.databaseUrl.reveal(),
    connections: postgres.connections,
    applicationName: 'quittance-api',
    onError: (err) => log.warn({ err }, 'an idle connection to Postgres broke'),
  });
  return { pool, redis: new RedisConnections({ url: redis.url, log }) };
}

/** Resolves once both sides answer; says what it waits for. */
export async function waitForConnections({ pool, redis }: Connections, log: Logger): Promise<void> {
  await waitFor({ name: 'postgres', check: () => pool.query('SELECT 1'), log });
  await waitFor({ name: 'redis', check: () => redis.ping(), log });
}
