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

/** The options of {@link inTransaction}. */
export interface TransactionOptions<T> {
  /** Decides by the result of the work whether to commit or to roll back. Default: commit. */
  readonly shouldCommit?: (result: T) => boolean;
  /**
   * False when the commit need not wait for the disk, because its loss in a crash of Postgres does
   * no harm. Default true.
   */
  readonly isDurable?: boolean;
}

/**
 * Runs `work` in a transaction. Commits when `work` resolves, unless the options say otherwise.
 * Rolls back and rejects with the same error when `work` rejects.
 */
export function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { shouldCommit = () => true, isDurable = true }: TransactionOptions<T> = {},
): Promise<T> {
  return withConnection(pool, async (client) => {
    await client.query(isDurable ? 'BEGIN' : 'BEGIN; SET LOCAL synchronous_commit = off');
    const result = await work(client);
    await client.query(shouldCommit(result) ? 'COMMIT' : 'ROLLBACK');
    return result;
  });
}
