// An advisory lock of Postgres that allows one change of the encryption keys at a time, in all
// processes. SQL: Prisma has no advisory locks.
import type { Pool, PoolClient } from 'pg';
import type { PrismaTransaction } from '../prisma.service.js';

/** Any number that no other advisory lock has. */
const LOCK = 7_220_331;

/**
 * The lock belongs to a transaction, because a pooler of transactions would lend a session with a
 * lock to others. It changes nothing and reads no row, so that it may stay open without holding
 * vacuum up.
 */
const BEGIN = 'BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0';

/**
 * Runs `work` while no other process changes keys or encrypts with a new one. Resolves with false,
 * without running anything, if another process does. The lock ends with the connection, so that a
 * killed run leaves none behind.
 */
export async function whileKeysAreLocked(pool: Pool, work: () => Promise<void>): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query(BEGIN);
    const { rows } = await client.query<{ granted: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS granted',
      [LOCK],
    );
    if (rows[0]?.granted !== true) return false;
    try {
      await work();
    } finally {
      await unlock(client);
    }
    return true;
  } finally {
    // Not reused: if the unlock failed, closing the connection releases the lock.
    client.release(true);
  }
}

/**
 * Unlocks explicitly: the server notices a closed connection late, and would reject a change that
 * follows at once.
 */
async function unlock(client: PoolClient): Promise<void> {
  await client.query('COMMIT').catch(() => undefined);
}

/** Prevents key changes until the transaction ends. Returns false if a change is in progress. */
export async function holdKeys(tx: PrismaTransaction): Promise<boolean> {
  const rows = await tx.$queryRaw<{ granted: boolean }[]>`
    SELECT pg_try_advisory_xact_lock_shared(${LOCK}) AS granted`;
  return rows[0]?.granted === true;
}
