// Goal: the samples state the queued payments of each lane and all doubts, and prove that they were
// read when nothing waits. Method: payments in a real Postgres.
import type { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { Payments } from '../payments.js';
import { createPool } from '../pool.js';
import { GaugeSamples } from './gauge-samples.js';

let database: TestDatabase;
let pool: Pool;
/** May read and write what a worker may. */
let worker: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { applicationName: 'gauges', connections: 2, onError: () => undefined };
  pool = createPool({ ...options, databaseUrl: database.url });
  worker = createPool({ ...options, databaseUrl: database.urlAs('worker') });
});
afterAll(async () => {
  await Promise.all([pool.end(), worker.end()]);
  await database.drop();
});

const secondsAgo = (count: number) => new Date(Date.now() - count * 1_000);

it('states what waits in each lane and what is in doubt', async () => {
  const gauges = new GaugeSamples(worker);
  const latest = async () => {
    await gauges.write();
    const { rows } = await pool.query<{ name: string; value: number }>(
      `SELECT concat_ws(' ', lane, metric) AS name, value::float8 AS value FROM samples
       WHERE at = (SELECT max(at) FROM samples) ORDER BY lane, metric`,
    );
    return rows;
  };
  expect(await latest()).toEqual([
    { name: ' in_doubt', value: 0 },
    { name: ' in_doubt_oldest_seconds', value: 0 },
  ]);

  await insertTestTerminal(pool);
  const accept = async (overrides: Parameters<typeof aPayment>[0]) => {
    const payment = aPayment(overrides);
    await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
  };
  await accept({ lane: 'fast', createdAt: secondsAgo(300), submitBefore: secondsAgo(-300) });
  await accept({ lane: 'fast', createdAt: secondsAgo(100), submitBefore: secondsAgo(-500) });
  await accept({
    status: 'inDoubt',
    doubtReason: 'no_reply',
    attempt: 1,
    createdAt: secondsAgo(7_000),
  });

  const found = await latest();
  expect(found.map(({ name }) => name)).toEqual([
    ' in_doubt',
    ' in_doubt_oldest_seconds',
    'fast oldest_queued_seconds',
    'fast queued',
  ]);
  const [inDoubt, doubtAge = 0, queuedAge = 0, queued] = found.map(({ value }) => value);
  expect([inDoubt, queued]).toEqual([1, 2]);
  expect(Math.abs(doubtAge - 7_000)).toBeLessThan(60);
  expect(Math.abs(queuedAge - 300)).toBeLessThan(60);
});
