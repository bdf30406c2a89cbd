// One change of the encryption keys at a time, in all processes: an advisory lock of Postgres. SQL:
// Prisma has none.
import type { Pool, PoolClient } from 'pg';
import type { PrismaTransaction } from '../prisma.service.js';

/** Any number that no other advisory lock has. */
const LOCK = 7_220_331;

/**
 * Runs `work` while no other process changes keys or seals with one. Resolves with false, and runs
 * nothing, when another one does. The lock ends with the connection, so that a killed run leaves
 * none behind.
 */
export async function whileKeysAreLocked(pool: Pool, work: () => Promise<void>): Promise<boolean> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ granted: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS granted',
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
    // Not reused: should the unlock have failed, the end of the connection gives the lock back.
    client.release(true);
  }
}

/**
 * Unlocks explicitly: the server notices a closed connection late and would refuse a change that
 * comes right after this one.
 */
async function unlock(client: PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
}

/**
 * Keeps keys from being changed until the transaction ends. False when they are being changed now.
 */
export async function holdKeys(tx: PrismaTransaction): Promise<boolean> {
  const rows = await tx.$queryRaw<{ granted: boolean }[]>`
    SELECT pg_try_advisory_xact_lock_shared(${LOCK}) AS granted`;
  return rows[0]?.granted === true;
}
