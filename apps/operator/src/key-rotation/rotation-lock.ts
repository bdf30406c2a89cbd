// One change of the key sets at a time: two operators that rotate at once would each write what the other does not know of.
import type { Pool, PoolClient } from 'pg';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';

/** Any number that no other advisory lock has. */
const LOCK = 7_220_331;

const BUSY =
  'Somebody is rotating or destroying keys at this moment. Run it again when that is done.';

/**
 * Runs `work` while nobody else changes keys; the lock ends with the connection, so that a killed run leaves none behind. Throws
 * {@link OperatorError} when somebody has it.
 */
export async function whileNobodyElseRotates<T>(
  { pool }: Pick<Operator, 'pool'>,
  work: () => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    if (!(await isGranted(client, 'pg_try_advisory_lock'))) throw new OperatorError(BUSY);
    return await work();
  } finally {
    // Closed and not reused: that gives the lock back whatever happened.
    client.release(true);
  }
}

/**
 * For who seals something within a transaction: keeps keys from being destroyed until it ends. Throws {@link OperatorError} when keys
 * are being changed, or this one was destroyed.
 */
export async function holdKey(client: PoolClient, kid: string): Promise<void> {
  if (!(await isGranted(client, 'pg_try_advisory_xact_lock_shared'))) throw new OperatorError(BUSY);
  if (!(await isDestroyed(client, kid))) return;
  throw new OperatorError(`The key ${kid} was destroyed. Run it again with the key set of now.`);
}

async function isGranted(client: PoolClient, lock: string): Promise<boolean> {
  const { rows } = await client.query<{ granted: boolean }>(`SELECT ${lock}($1) AS granted`, [
    LOCK,
  ]);
  return rows[0]?.granted === true;
}

/** Whether a destruction was begun; the audit is written before it. */
async function isDestroyed(client: Pick<Pool, 'query'>, kid: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM operator_actions WHERE subject_id = $1 AND action = 'keys destroy' LIMIT 1`,
    [kid],
  );
  return (rowCount ?? 0) > 0;
}
