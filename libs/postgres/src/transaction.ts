// Runs several statements on one connection, or in one transaction.
import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` on one connection of the pool. When `work` rejects, the connection is closed instead
 * of reused, which also rolls back any open transaction, and the error is rethrown.
 */
export async function withConnection<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    failure = error instanceof Error ? error : new Error('the work on a connection failed');
    throw error;
  } finally {
    client.release(failure);
  }
}

/**
 * Runs `work` in a transaction. Commits when `work` resolves, unless `shouldCommit` returns false
 * for its result; then rolls back. Rolls back and rejects with the same error when `work` rejects.
 */
export function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  shouldCommit: (result: T) => boolean = () => true,
): Promise<T> {
  return withConnection(pool, async (client) => {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query(shouldCommit(result) ? 'COMMIT' : 'ROLLBACK');
    return result;
  });
}
