// The sessions that a pool needs, and whether it has them. Without a pooler, each connection is one
// session and sets it up with start-up parameters. A pooler of transactions lends a session for one
// transaction at a time: the role has the settings (docs/adr/0062-a-pooler-of-transactions.md), and
// this process can only look.
import { ConfigError } from '@quittance/platform';
import { types } from 'node:util';
import { escapeIdentifier, escapeLiteral, type Pool, type PoolClient } from 'pg';
import { withConnection } from './transaction.js';

/** A pooler between the processes and Postgres. */
export const POOLERS = ['none', 'transaction'] as const;
export type Pooler = (typeof POOLERS)[number];

/** Settings by name, as `pg_settings` shows them: times are in milliseconds. */
export type SessionSettings = Readonly<Record<string, string>>;

/** The way to Postgres, and the settings of its sessions. */
export interface Session {
  readonly pooler: Pooler;
  readonly settings: SessionSettings;
}

/** A session that is not as it must be, and how to change that. */
export interface SessionFault {
  readonly finding: string;
  readonly advice: string;
}

const sessions = new WeakMap<Pool, Session>();

/** Called once, by the function that opens the pool. */
export function rememberSession(pool: Pool, session: Session): void {
  sessions.set(pool, session);
}

/** Returns the session of the pool: one without settings for a pool that was opened elsewhere. */
const sessionOf = (pool: Pool): Session => sessions.get(pool) ?? { pooler: 'none', settings: {} };

const DESCRIBE = `
SELECT pg_backend_pid() AS pid, current_user AS role, current_database() AS database,
  (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name = ANY ($1)) AS settings`;

interface Described {
  readonly pid: number;
  readonly role: string;
  readonly database: string;
  readonly settings: SessionSettings | null;
}

/** Sessions from before the role had its settings that a start ends, one after another. */
const STALE_SESSIONS_MAX = 20;

/**
 * Runs `work`, which examines the session, on one connection. If it rejects, the session ends, and
 * not only this connection to it: a pooler would lend it to the next caller, for an hour or more.
 * `answerMs` limits the wait for the session; by default it is the pool's limit.
 */
export async function examineSession<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  answerMs?: number,
): Promise<T> {
  const { pooler } = sessionOf(pool);
  return withConnection(pool, async (client) => {
    if (pooler === 'none') return work(client);
    await client.query(within(answerMs, 'BEGIN'));
    try {
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      const end = 'SELECT pg_terminate_backend(pg_backend_pid())';
      await client.query(within(answerMs, end)).catch(() => undefined);
      throw error;
    }
  });
}

const within = (answerMs: number | undefined, text: string) => ({
  text,
  ...(answerMs !== undefined && { query_timeout: answerMs }),
});

/** True when something between pools connections: it announces process ids of its own. */
export function isPooled(client: PoolClient, pid: number): boolean {
  return (client as PoolClient & { readonly processID?: number | null }).processID !== pid;
}

/** Returns what is wrong with the session of `client`, a connection of `pool`. */
export async function sessionFault(
  pool: Pool,
  client: PoolClient,
): Promise<SessionFault | undefined> {
  const { pooler, settings } = sessionOf(pool);
  const { rows } = await client.query<Described>(DESCRIBE, [Object.keys(settings)]);
  const [described] = rows;
  if (!described) throw new Error('the session does not describe itself');
  if (pooler === 'none' && isPooled(client, described.pid)) return UNDECLARED_POOLER;
  const wrong = Object.entries(settings).filter(([name, value]) => {
    return described.settings?.[name]?.toLowerCase() !== value.toLowerCase();
  });
  return wrong.length === 0 ? undefined : wrongSettings(described, wrong);
}

/** A pooler of sessions works with this value too. */
const DECLARE =
  'Set DATABASE_POOLER (ORDERS_DATABASE_POOLER of the order domain) to transaction in every process.';
const UNDECLARED_POOLER: SessionFault = {
  finding: 'something pools connections on the way to Postgres, and DATABASE_POOLER is none',
  advice: DECLARE,
};

function wrongSettings(
  { role, database, settings }: Described,
  wrong: readonly (readonly [string, string])[],
): SessionFault {
  const values = wrong.map(([name, value]) => `${name} ${settings?.[name]} instead of ${value}`);
  const place = `${escapeIdentifier(role)} IN DATABASE ${escapeIdentifier(database)}`;
  const statements = wrong.map(
    ([name, value]) => `ALTER ROLE ${place} SET ${name} = ${escapeLiteral(value)};`,
  );
  return {
    finding: `sessions of the role ${role} have ${values.join(', ')}`,
    advice:
      `Migrate with the passwords of the roles, or run as their owner: ${statements.join(' ')} ` +
      'Then let the pooler reconnect; in PgBouncer: RECONNECT.',
  };
}

/** Ends a session that {@link requireSession} has found wrong. */
class WrongSession extends Error {
  override readonly name = 'WrongSession';

  constructor(readonly fault: SessionFault) {
    super(fault.finding);
  }
}

/** Returns the fault when a connection fails because a pooler accepts no start-up parameters. */
export function connectionFault(error: unknown): SessionFault | undefined {
  const isRefused = types.isNativeError(error) && /startup parameter/.test(error.message);
  return isRefused ? UNDECLARED_POOLER : undefined;
}

/**
 * Resolves if the sessions of `pool` are as they must be. Through a pooler it ends sessions that
 * are older than the settings of their role. Rejects with {@link ConfigError} for a pooler that was
 * not declared and for settings that the role lacks; with any other error if Postgres is away.
 */
export async function requireSession(pool: Pool): Promise<void> {
  for (let left = STALE_SESSIONS_MAX; ; left -= 1) {
    const fault = await examineSession(pool, (client) => requireOf(pool, client)).then(
      () => undefined,
      faultIn,
    );
    if (fault === undefined) return;
    const { finding, advice } = fault;
    if (left === 0 || fault === UNDECLARED_POOLER) throw new ConfigError([`${finding}. ${advice}`]);
  }
}

async function requireOf(pool: Pool, client: PoolClient): Promise<void> {
  const fault = await sessionFault(pool, client);
  if (fault) throw new WrongSession(fault);
}

/** Rethrows an error that is no fault of a session. */
function faultIn(error: unknown): SessionFault {
  const fault = error instanceof WrongSession ? error.fault : connectionFault(error);
  if (fault === undefined) throw error;
  return fault;
}
