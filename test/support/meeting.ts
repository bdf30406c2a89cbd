// Two writers that meet in the middle of what both write. Whoever locks rows in the order of its input meets another order head-on:
// Postgres lets both wait for a second, and then fails one.
import type { Pool, PoolClient } from 'pg';
import { eventually } from './eventually.js';

const WAITING = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const DEADLOCKS = `SELECT deadlocks::int AS count FROM pg_stat_database WHERE datname = current_database()`;

/** Who meets, and what holds both up until they have. */
export interface Meeting<One, Another> {
  /** Locks, in a transaction of its own, a row in the middle of what both write. */
  readonly hold: (client: PoolClient) => Promise<unknown>;
  /** How that transaction ends. */
  readonly end: 'COMMIT' | 'ROLLBACK';
  readonly one: () => Promise<One>;
  readonly another: () => Promise<Another>;
}

/**
 * Starts `one` and, once it waits for the row, `another`; gives the row free when both wait. Locking in opposite orders, each then
 * has what the other one needs. Returns what they returned, and how many deadlocks Postgres counted.
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
