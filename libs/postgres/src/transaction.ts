// Several statements on one connection, and several that commit together or not at all.
import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` on one connection of the pool. When it rejects, the connection is closed and not
 * reused, which also rolls back whatever it had begun; the error is passed on.
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
 * Runs `work` in a transaction: committed when it resolves, unless `isKept` says of its result that
 * nothing of it is to stay; rolled back when it rejects, with the same error.
 */
export function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  isKept: (result: T) => boolean = () => true,
): Promise<T> {
  return withConnection(pool, async (client) => {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query(isKept(result) ? 'COMMIT' : 'ROLLBACK');
    return result;
  });
}
