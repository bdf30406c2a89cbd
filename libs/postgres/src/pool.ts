// A pool of connections to one Postgres, with a deadline on every wait. When one connection turns
// out to be dead or demoted, the idle ones that took the same path are closed with it: otherwise
// each would cost a caller the same wait once more.
import {
  Client,
  type ClientConfig,
  Pool,
  type PoolClient,
  type PoolConfig,
  type QueryConfig,
} from 'pg';
import { Socket } from 'node:net';
import { types } from 'node:util';
import { isConnectionSuspect, isOverdue } from './errors.js';

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
  /**
   * Without an answer by then the connection is dead: Postgres itself would have ended the
   * statement.
   */
  readonly answerMs: number;
  /**
   * Postgres ends a transaction whose process says nothing, so that it holds no row for longer than
   * this.
   */
  readonly idleInTransactionMs: number;
}

/**
 * No statement of ours takes seconds: one that does is stuck, and whoever waits deserves an honest
 * error.
 */
export const POSTGRES_DEADLINES: PostgresDeadlines = {
  connectMs: 3_000,
  statementMs: 5_000,
  answerMs: 6_000,
  idleInTransactionMs: 6_000,
};

/**
 * TCP asks after this whether the other side of an idle connection is still there; ten questions a
 * second apart decide.
 */
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
    // Also of one that breaks in use, between two statements: the holder's next statement fails
    // anyway.
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

/**
 * Time for Postgres to answer a goodbye by closing; afterwards the socket is closed from this side.
 */
const GOODBYE_MS = 1_000;

/**
 * A `Client` of pg that is given up with the first answer that is overdue (`query_timeout`). pg
 * itself fails the one statement and would have the next one wait behind it; a late answer would
 * still arrive on the connection.
 */
export class DeadlineClient extends Client {
  readonly #socket: Socket;

  constructor(config: ClientConfig = {}) {
    const socket = new Socket();
    super({ ...config, stream: () => socket });
    this.#socket = socket;
    const ask = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const asked = ask(...args);
      // Without a promise it is the pool that asks, which closes a connection after any error by
      // itself.
      if (types.isPromise(asked)) void asked.catch((error: unknown) => this.#judge(error));
      return asked;
    }) as typeof this.query;
  }

  /**
   * Closes the connection without a goodbye. Every statement that waits on it fails at once with
   * `reason`.
   */
  abandon(reason: Error): void {
    this.#socket.destroy(reason);
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    // A path that has gone silent carries no answer to a goodbye, and an open socket would keep the
    // process.
    const timer = setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
    this.#socket.once('close', () => clearTimeout(timer));
    if (!callback) return super.end();
    super.end(callback);
    return undefined;
  }

  #judge(error: unknown): void {
    if (isOverdue(error)) this.abandon(error);
  }
}

/** Beyond Postgres's own limit, so that it is Postgres that says no. */
const MARGIN_MS = 1_000;

/**
 * The statement with an answer deadline of its own, for a session whose `statement_timeout` was set
 * to `limitMs`.
 */
export function patientQuery(limitMs: number, text: string, values: unknown[] = []): QueryConfig {
  const query: QueryConfig & { readonly query_timeout: number } = {
    text,
    values,
    query_timeout: limitMs + MARGIN_MS,
  };
  return query;
}
