// Two writers of the same rows, in opposite orders. A writer that locks rows in the order of its
// input deadlocks with the other one: Postgres lets both wait for a second, and then fails one.
import type { Pool, PoolClient } from 'pg';
import { eventually } from './eventually.js';

const WAITING = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const DEADLOCKS = `SELECT deadlocks::int AS count FROM pg_stat_database WHERE datname = current_database()`;

/** Two writers, and the lock that delays both until each waits. */
export interface Meeting<One, Another> {
  /** Locks, in a transaction of its own, a row in the middle of those that both write. */
  readonly hold: (client: PoolClient) => Promise<unknown>;
  /** The end of that transaction. */
  readonly end: 'COMMIT' | 'ROLLBACK';
  readonly one: () => Promise<One>;
  readonly another: () => Promise<Another>;
}

/**
 * Starts `one` and, once it waits for the row, `another`; releases the row when both wait. If they
 * lock in opposite orders, each then has a row that the other one needs. Resolves with the results
 * of both, and with the number of deadlocks that Postgres counted.
 */
export async function meet<One, Another>(
  pool: Pool,
  { hold, end, one, another }: Meeting<One, Another>,
): Promise<{ ones: One; others: Another; deadlocks: number }> {
  const before = await deadlocks(pool);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await hold(client);
    const first = one();
    await untilWaiting(pool, 1);
    const second = another();
    await untilWaiting(pool, 2);
    await client.query(end);
    const [ones, others] = await Promise.all([first, second]);
    return { ones, others, deadlocks: (await deadlocks(pool)) - before };
  } finally {
    // Closed, not reused: that also ends a transaction which is still open.
    client.release(true);
  }
}

async function untilWaiting(pool: Pool, count: number): Promise<void> {
  await eventually(async () => expect((await pool.query(WAITING)).rowCount).toBe(count));
}

async function deadlocks(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(DEADLOCKS);
  return rows[0]?.count ?? 0;
}
