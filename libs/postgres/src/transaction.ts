// Several statements that commit together or not at all.
import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects, with the same error. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error('transaction failed');
    throw error;
  } finally {
    // A connection whose transaction failed is closed, not reused: that also rolls it back.
    client.release(failure);
  }
}
