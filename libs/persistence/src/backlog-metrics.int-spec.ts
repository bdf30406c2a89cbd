// Goal: the gauges of the database state the open payments, doubts and pauses, from one process
// only, and are absent while Postgres is unavailable. Method: a scrape over a real Postgres.
import { Metrics } from '@quittance/platform';
import type { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { observeBacklog } from './backlog-metrics.js';
import { Payments } from './payments.js';
import { createPool } from './pool.js';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { databaseUrl: database.url, applicationName: 'backlog metrics' };
  pool = createPool({ ...options, connections: 4, onError: () => undefined });
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Scrapes the gauges of the database: values by series, without the prefix. */
async function scrape({ isExporter = (): boolean => true, from = pool } = {}) {
  const metrics = new Metrics();
  observeBacklog({ pool: from, metrics, isExporter });
  const lines = (await metrics.registry.metrics()).split('\n');
  const samples = lines.filter((line) => line.startsWith('quittance_'));
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice('quittance_'.length, at), Number(line.slice(at))];
    }),
  );
}

const secondsAgo = (count: number) => new Date(Date.now() - count * 1_000);
async function accept(overrides: Parameters<typeof aPayment>[0]): Promise<void> {
  const payment = aPayment(overrides);
  await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
}
const doubt = { status: 'inDoubt', doubtReason: 'no_reply', attempt: 1 } as const;

it('states the open payments of each lane and status, and the age of the oldest', async () => {
  await accept({ lane: 'fast', createdAt: secondsAgo(300), submitBefore: secondsAgo(-300) });
  await accept({ lane: 'fast', createdAt: secondsAgo(100), submitBefore: secondsAgo(-500) });
  await accept({ ...doubt, createdAt: secondsAgo(7_000) });
  await accept({ status: 'succeeded', createdAt: secondsAgo(9_000) });
  const series = await scrape();
  const open = (lane: string, status: string) =>
    [`payments_open`, `payments_open_oldest_seconds`].map((name) =>
      series.get(`${name}{lane="${lane}",status="${status}"}`),
    );
  const [queued, queuedAge = 0] = open('fast', 'queued');
  expect(queued).toBe(2);
  expect(Math.abs(queuedAge - 300)).toBeLessThan(60);
  const [doubts, doubtAge = 0] = open('default', 'in_doubt');
  expect(doubts).toBe(1);
  expect(Math.abs(doubtAge - 7_000)).toBeLessThan(60);
  // A lane in use has every status, so that its first payment shows as growth.
  expect(open('default', 'queued')).toEqual([0, 0]);
  expect(open('default', 'processing')).toEqual([0, 0]);
  expect([...series.keys()].filter((name) => name.includes('succeeded'))).toEqual([]);
});

it('counts paused terminals', async () => {
  expect((await scrape()).get('terminals_paused')).toBe(0);
  await pool.query(`UPDATE terminals SET paused_at = now(), paused_reason = 'x'`);
  expect((await scrape()).get('terminals_paused')).toBe(1);
});

it('is absent in a process that does not export it', async () => {
  await accept({});
  expect(await scrape({ isExporter: () => false })).toEqual(new Map());
});

it('is absent while Postgres is unavailable', async () => {
  const ended = createPool({
    databaseUrl: database.url,
    applicationName: 'ended',
    connections: 1,
    onError: () => undefined,
  });
  await ended.end();
  expect(await scrape({ from: ended })).toEqual(new Map());
});
