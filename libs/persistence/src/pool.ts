// One pool per process, shared by hand-written SQL and by Prisma, so that a connection budget is one number.
import { Pool } from 'pg';

/** `connections` is the most this process opens. */
export interface PoolOptions {
  readonly databaseUrl: string;
  readonly connections: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly onError: (error: Error) => void;
}

/** No statement of ours takes seconds; one that does is stuck, and the caller deserves an honest error. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** A process that is stopped in the middle of relaying must not hold outbox rows for longer than this. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Every statement of ours reaches rows through an index, a batch at a time. Left to its statistics, which lag behind a table
 * that grows by thousands of rows a minute, the planner reads whole tables to join them with such a batch.
 */
const PLANNER = ['enable_hashjoin=off', 'enable_mergejoin=off', 'enable_seqscan=off', 'jit=off'];

export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: options.connections,
    application_name: options.applicationName,
    options: PLANNER.map((setting) => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  });
  // An idle connection that breaks (Postgres restarted) is replaced at the next use; without a listener it would end the process.
  pool.on('error', options.onError);
  // The same for one that breaks while somebody holds it between two statements: the holder's next statement fails anyway.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
