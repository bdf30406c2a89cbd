// Goal: a role has one holder at a time; a dead one is replaced, and one without Postgres stops by
// itself before that. Method: two leases over a real Postgres, and the row set back by hand.
import type { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { eventually } from '../../../test/support/eventually.js';
import { Lease } from './lease.js';
import { createPool } from './pool.js';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { databaseUrl: database.url, applicationName: 'lease' };
  pool = createPool({ ...options, connections: 4, onError: () => undefined });
});
beforeEach(() => pool.query('DELETE FROM leases'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const lease = (name = 'metrics', forMs = 60_000) => new Lease(pool, { name, forMs });
const expire = () => pool.query(`UPDATE leases SET until = now() - interval '1 second'`);

it('has one holder, whoever asks at the same moment', async () => {
  const all = Array.from({ length: 8 }, () => lease());
  await Promise.all(all.map((one) => one.renew()));
  expect(all.filter((one) => one.isHeld)).toHaveLength(1);
  await Promise.all(all.toReversed().map((one) => one.renew()));
  expect(all.filter((one) => one.isHeld)).toHaveLength(1);
});

it('is separate for each role', async () => {
  const [one, other] = [lease('metrics'), lease('samples')];
  await Promise.all([one.renew(), other.renew()]);
  expect([one.isHeld, other.isHeld]).toEqual([true, true]);
});

it('passes to another process when its holder is dead or gives it up', async () => {
  const [first, second] = [lease(), lease()];
  await first.renew();
  await second.renew();
  expect(second.isHeld).toBe(false);
  await expire();
  await second.renew();
  await first.renew();
  expect([first.isHeld, second.isHeld]).toEqual([false, true]);
  await second.release();
  await first.renew();
  expect([first.isHeld, second.isHeld]).toEqual([true, false]);
});

it('ends at its holder by itself, and does not give up another’s', async () => {
  const [first, second] = [lease('metrics', 50), lease()];
  await first.renew();
  await eventually(() => expect(first.isHeld).toBe(false));
  await expire();
  await second.renew();
  await first.release();
  await first.renew();
  expect([first.isHeld, second.isHeld]).toEqual([false, true]);
});
