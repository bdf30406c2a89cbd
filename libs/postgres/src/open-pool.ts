// A pool of connections to one Postgres, with a deadline on every wait. When one connection turns out to be dead or demoted, the
// idle ones that took the same path are closed with it: otherwise each would cost a caller the same wait once more.
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { isConnectionSuspect } from './database-away.js';
import { DeadlineClient } from './deadline-client.js';

/** `connections` is the most this process opens. */
export interface PoolOptions {
  readonly databaseUrl: string;
  readonly connections: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly onError: (error: Error) => void;
  /** Settings of the sessions, each as `name=value`. */
  readonly settings?: readonly string[];
  /** Default {@link POSTGRES_DEADLINES}. */
  readonly deadlines?: PostgresDeadlines;
}

/** The longest waits for Postgres, in milliseconds. docs/reliability.md adds them up. */
export interface PostgresDeadlines {
  /** To a free connection, or to a new one with its handshake. */
  readonly connectMs: number;
  /** Postgres ends a statement after this. */
  readonly statementMs: number;
  /** Without an answer by then the connection is dead: Postgres itself would have ended the statement. */
  readonly answerMs: number;
  /** Postgres ends a transaction whose process says nothing, so that it holds no row for longer than this. */
  readonly idleInTransactionMs: number;
}

/** No statement of ours takes seconds: one that does is stuck, and whoever waits deserves an honest error. */
export const POSTGRES_DEADLINES: PostgresDeadlines = {
  connectMs: 3_000,
  statementMs: 5_000,
  answerMs: 6_000,
  idleInTransactionMs: 6_000,
};

/** TCP asks after this whether the other side of an idle connection is still there; ten questions a second apart decide. */
const KEEP_ALIVE_AFTER_MS = 5_000;

/** Opens no connection yet. A connection that breaks is replaced at the next use. */
export function openPool(options: PoolOptions): Pool {
  const pool = new Pool(poolConfig(options));
  // Without a listener a broken idle connection would end the process.
  pool.on('error', options.onError);
  closeWithTheFirst(pool);
  return pool;
}

function poolConfig(options: PoolOptions): PoolConfig {
  const { databaseUrl, connections, applicationName, settings = [] } = options;
  const { deadlines = POSTGRES_DEADLINES } = options;
  return {
    connectionString: databaseUrl,
    max: connections,
    application_name: applicationName,
    ...(settings.length > 0 && { options: settings.map((setting) => `-c ${setting}`).join(' ') }),
    Client: DeadlineClient,
    connectionTimeoutMillis: deadlines.connectMs,
    statement_timeout: deadlines.statementMs,
    query_timeout: deadlines.answerMs,
    idle_in_transaction_session_timeout: deadlines.idleInTransactionMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  };
}

function closeWithTheFirst(pool: Pool): void {
  const idle = new Set<PoolClient>();
  const closeIdle = (error: unknown): void => {
    if (!isConnectionSuspect(error)) return;
    for (const client of idle) abandon(client);
    idle.clear();
  };
  pool.on('connect', (client) => {
    // Also of one that breaks in use, between two statements: the holder's next statement fails anyway.
    client.on('error', closeIdle);
  });
  pool.on('acquire', (client) => idle.delete(client));
  pool.on('remove', (client) => idle.delete(client));
  pool.on('release', (error, client) => {
    if (error) closeIdle(error);
    else idle.add(client);
  });
}

function abandon(client: object): void {
  if (client instanceof DeadlineClient)
    client.abandon(new Error('Connection terminated: another one of this pool had failed'));
}
