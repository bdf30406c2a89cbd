// The order domain's own Postgres.
import { type Logger, type Secret, Unavailable } from '@quittance/platform';
import { Pool } from 'pg';

interface DatabaseOptions {
  readonly databaseUrl: Secret<string>;
  readonly connections: number;
  readonly log: Logger;
}

/** A connection that cannot be had in this time will not be had: somebody waits for the answer. */
const CONNECT_TIMEOUT_MS = 2000;

/** Reads are by primary key or index; one that takes longer is stuck. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** A pool that survives a Postgres that is away. */
export function ordersDatabase({ databaseUrl, connections, log }: DatabaseOptions): Pool {
  const pool = new Pool({
    connectionString: databaseUrl.reveal(),
    max: connections,
    application_name: 'orders',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'a connection to postgres broke'));
  return pool;
}

/**
 * As `read`, with a fault the caller understands (503) when Postgres is away. Only for reads: they may be repeated.
 */
export async function readFromDatabase<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // What Postgres itself refuses has an SQLSTATE; those of class 57 (shutdown) and 53 (no room) pass.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isRefused = /^[0-9A-Z]{5}$/.test(code) && !/^(08|53|57)/.test(code);
    if (isRefused) throw error;
    throw new Unavailable('database_unavailable', 'The orders cannot be read now.', {
      cause: error,
    });
  }
}
