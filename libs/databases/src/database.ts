// One database of a server: its URL, a connection for a few statements, its creation.
import pg from 'pg';

/** A reason that a person can act on; its message is meant for them. */
export class DatabaseProblem extends Error {
  override name = 'DatabaseProblem';
}

/** A migration may take its time, which a person watches; an unreachable server may not. */
const PATIENCE = {
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
};
const DUPLICATE_DATABASE = '42P04';
const UNKNOWN_DATABASE = '3D000';

/** The same server and account, another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** The database that a URL names. */
export function databaseName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** Host, port and database of a URL, without its password. */
export function describeUrl(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port && `:${port}`}${pathname}`;
}

/** Runs statements on one connection. */
export async function onDatabase<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, ...PATIENCE });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Creates the database if the server does not have it.
 * @throws {DatabaseProblem} if the server cannot be reached
 */
export async function ensureDatabase(url: string): Promise<void> {
  try {
    await onDatabase(url, (client) => client.query('SELECT 1'));
  } catch (failed) {
    const { code, message } = failed as NodeJS.ErrnoException;
    if (code !== UNKNOWN_DATABASE)
      throw new DatabaseProblem(
        `No connection to Postgres at ${describeUrl(url)}: ${message || code}`,
        { cause: failed },
      );
    await onDatabase(withDatabase(url, 'postgres'), (client) =>
      client.query(`CREATE DATABASE ${client.escapeIdentifier(databaseName(url))}`),
    ).catch((failure: NodeJS.ErrnoException) => {
      if (failure.code !== DUPLICATE_DATABASE) throw failure;
    });
  }
}
