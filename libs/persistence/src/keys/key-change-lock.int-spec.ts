// Goal: one change of the keys at a time, and the next one as soon as the last has ended. Method:
// the lock on a real Postgres. Connections that wait in the pool let the next change come at once,
// before the server has noticed that the last one's connection is closed.
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { createPool } from '../pool.js';
import { whileKeysAreLocked } from './key-change-lock.js';
import type { Pool } from 'pg';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    databaseUrl: database.url,
    connections: 4,
    applicationName: 'key-change-lock',
    onError: () => undefined,
  });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const locked = (work: () => Promise<void> = async () => undefined) =>
  whileKeysAreLocked(pool, work);

it('admits a second change when the first one ends, not before', async () => {
  let during: boolean | undefined;
  expect(
    await locked(async () => {
      during = await locked();
    }),
  ).toBe(true);
  expect(during).toBe(false);
  expect(await locked()).toBe(true);
});

it('releases the lock before it resolves', async () => {
  const taken: boolean[] = [];
  for (let count = 0; count < 100; count += 1) {
    await Promise.all([1, 2].map(() => pool.query('SELECT pg_sleep(0.001)')));
    taken.push(await locked(), await locked());
  }
  expect(taken).not.toContain(false);
});

it('releases the lock when the work fails', async () => {
  const failing = locked(() => Promise.reject(new Error('the work failed')));
  await expect(failing).rejects.toThrow('the work failed');
  expect(await locked()).toBe(true);
});
