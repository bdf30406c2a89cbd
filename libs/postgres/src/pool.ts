// A pool of connections to one Postgres, with a deadline on every wait. When one connection turns
// out to be dead or demoted, the pool closes its idle connections too. Otherwise each of them would
// cost a caller the same wait again.
import { Client, type ClientConfig, Pool, type PoolClient, type QueryConfig } from 'pg';
import { Socket } from 'node:net';
import { types } from 'node:util';
import { POSTGRES_DEADLINES, type PostgresDeadlines } from './deadlines.js';
import { isConnectionSuspect, isOverdue } from './errors.js';
import { type Pooler, rememberSession, type SessionSettings } from './session.js';

/** `connections` is the largest number of connections that the pool opens. */
export interface PoolOptions {
  readonly databaseUrl: string;
  readonly connections: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly onError: (error: Error) => void;
  /** Default `none`. */
  readonly pooler?: Pooler;
  /** Of every session, beside those for the deadlines. */
  readonly settings?: SessionSettings;
  /** Default {@link POSTGRES_DEADLINES}. */
  readonly deadlines?: PostgresDeadlines;
}

/** TCP probes an idle connection after this time; ten probes a second apart decide. */
const KEEP_ALIVE_AFTER_MS = 5_000;

/** Returns a pool that opens connections on first use and replaces a broken one at the next use. */
export function openPool(options: PoolOptions): Pool {
  const { pooler = 'none', deadlines = POSTGRES_DEADLINES } = options;
  const settings = {
    ...options.settings,
    statement_timeout: String(deadlines.statementMs),
    idle_in_transaction_session_timeout: String(deadlines.idleInTransactionMs),
  };
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: options.connections,
    application_name: options.applicationName,
    connectionTimeoutMillis: deadlines.connectMs,
    query_timeout: deadlines.answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    ...(pooler === 'none'
      ? { Client: DeadlineClient, options: startUpOptions(settings) }
      : { Client: NamelessClient }),
  });
  rememberSession(pool, { pooler, settings });
  // Without a listener, a broken idle connection would end the process.
  pool.on('error', options.onError);
  closeIdleAfterFirst(pool);
  return pool;
}

function startUpOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

function closeIdleAfterFirst(pool: Pool): void {
  const idle = new Set<PoolClient>();
  const closeIdle = (error: unknown): void => {
    if (!isConnectionSuspect(error)) return;
    for (const client of idle) abandon(client);
    idle.clear();
  };
  pool.on('connect', (client) => {
    // Also covers a connection that breaks between two statements: its holder's next statement
    // fails anyway.
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
    client.abandon(new Error('Connection terminated: another connection of this pool failed'));
}

/**
 * Time for Postgres to close the connection after the termination message. Then this side closes
 * the socket.
 */
const TERMINATE_WITHIN_MS = 1_000;

/**
 * A `Client` of pg that abandons its connection when the first answer is overdue (`query_timeout`).
 * pg itself fails only that statement and lets the next one wait behind it, while the late answer
 * could still arrive on the connection.
 */
export class DeadlineClient extends Client {
  readonly #socket: Socket;

  constructor(config: ClientConfig = {}) {
    const socket = new Socket();
    super({ ...config, stream: () => socket });
    this.#socket = socket;
    const ask = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const result = ask(...args);
      // Without a promise, the caller is the pool, which closes a connection after any error.
      if (types.isPromise(result)) void result.catch((error: unknown) => this.#judge(error));
      return result;
    }) as typeof this.query;
  }

  /** Closes the connection. Every statement that waits on it fails at once with `reason`. */
  abandon(reason: Error): void {
    this.#socket.destroy(reason);
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    // A silent path carries no answer to the termination message, and an open socket would keep the
    // process alive.
    const timer = setTimeout(() => this.#socket.destroy(), TERMINATE_WITHIN_MS).unref();
    this.#socket.once('close', () => clearTimeout(timer));
    if (!callback) return super.end();
    super.end(callback);
    return undefined;
  }

  #judge(error: unknown): void {
    if (isOverdue(error)) this.abandon(error);
  }
}

/**
 * A {@link DeadlineClient} that prepares no named statement: a pooler lends the next session to it,
 * which does not have the statement, or has another one of that name.
 */
class NamelessClient extends DeadlineClient {
  constructor(config?: ClientConfig) {
    super(config);
    const ask = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((query: unknown, ...args: unknown[]) =>
      ask(withoutName(query), ...args)) as typeof this.query;
  }
}

function withoutName(query: unknown): unknown {
  if (typeof query !== 'object' || query === null || !('name' in query)) return query;
  const { name: _, ...rest } = query;
  return rest;
}

/** Beyond Postgres's own limit, so that Postgres cancels first. */
const MARGIN_MS = 1_000;

/**
 * Returns the statement with its own answer deadline, for a session whose `statement_timeout` is
 * `limitMs`.
 */
export function queryWithLimit(limitMs: number, text: string, values: unknown[] = []): QueryConfig {
  const query: QueryConfig & { readonly query_timeout: number } = {
    text,
    values,
    query_timeout: limitMs + MARGIN_MS,
  };
  return query;
}
