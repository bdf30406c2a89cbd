// The order domain's own Postgres.
import { type Logger, type Secret, Unavailable } from '@quittance/platform';
import { isDatabaseAway, openPool } from '@quittance/postgres';
import type { Pool } from 'pg';

interface DatabaseOptions {
  readonly databaseUrl: Secret<string>;
  readonly connections: number;
  readonly log: Logger;
}

/** A pool that survives a Postgres that is away. */
export function ordersDatabase({ databaseUrl, connections, log }: DatabaseOptions): Pool {
  return openPool({
    databaseUrl: databaseUrl.reveal(),
    connections,
    applicationName: 'orders',
    onError: (error) => log.warn({ err: error }, 'a connection to postgres broke'),
  });
}

/**
 * As `read`, with a fault the caller understands (503) when Postgres is away. Only for reads: they may be repeated.
 */
export async function readFromDatabase<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    throw new Unavailable('database_unavailable', 'The orders cannot be read now.', {
      cause: error,
    });
  }
}
