// Goal: batches that no call has continued for long end in short steps, and no others do. Method:
// walks of the worker's role over a real database, with batches of chosen ages.
import { Client, Pool } from 'pg';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../../test/support/postgres.js';
import { PaymentBatches } from '../payment-batches.js';
import { createPool } from '../pool.js';
import { ending, sliceOf } from './retention-statements.js';
import { Retention } from './retention.js';

let database: TestDatabase;
let owner: Pool;
let workers: Pool;
let retention: Retention;

const HOUR_MS = 3_600_000;
const NOW = new Date();
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 24 * HOUR_MS);

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Pool({ connectionString: database.url });
  const options = { connections: 4, applicationName: 'test', onError: () => undefined };
  workers = createPool({ databaseUrl: database.urlAs('worker'), ...options });
  retention = new Retention(workers);
});
beforeEach(async () => {
  await emptyPayments(owner);
  await owner.query('TRUNCATE retention, queue_watch');
  await insertTestTerminal(owner);
});
afterAll(async () => {
  await Promise.all([owner.end(), workers.end()]);
  await database.drop();
});

/** Stores batches whose last call was that many days ago, and began long before. */
async function batches(days: number, ...ids: readonly string[]): Promise<void> {
  await owner.query(
    `INSERT INTO payment_batches SELECT 'mer_test', id, 1, 5, 5, 0, 0, $2, $3 FROM unnest($1::text[]) AS id`,
    [ids, daysAgo(900), daysAgo(days)],
  );
}

async function left(): Promise<string[]> {
  const { rows } = await owner.query<{ id: string }>(
    'SELECT id FROM payment_batches ORDER BY id COLLATE "C"',
  );
  return rows.map(({ id }) => id);
}

/** Runs steps until the walk has no more, and returns what each ended. */
async function walk({ now = NOW, limit = 2, keepDays = 90 } = {}): Promise<number[]> {
  const steps: number[] = [];
  for (;;) {
    const { ended, hasMore } = await retention.endStep({ kind: 'batches', keepDays, now, limit });
    steps.push(ended);
    if (!hasMore) return steps;
  }
}

it('ends batches by their last call, and leaves younger ones', async () => {
  await batches(91, 'old-1', 'old-2');
  await batches(89, 'young');
  await batches(0, 'running');
  await walk();
  expect(await left()).toEqual(['running', 'young']);
  expect((await retention.walks())[0]).toMatchObject({
    kind: 'batches',
    keepDays: 90,
    ended: 2,
    overdueSeconds: 0,
  });
});

it('reads no more batches in a step than it may, and reaches each whatever its name', async () => {
  await batches(91, 'a', 'a-', 'a.', 'a0', 'a_', 'A', 'B', '-', '0');
  await batches(1, 'a-young');
  const steps = await walk({ limit: 2 });
  expect(Math.max(...steps)).toBe(2);
  expect(await left()).toEqual(['a-young']);
});

it('begins each walk with the first batch again', async () => {
  await batches(91, 'z');
  await batches(89, 'a');
  await walk();
  expect(await left()).toEqual(['a']);
  await walk({ now: new Date(NOW.getTime() + 5 * HOUR_MS) });
  const later = new Date(NOW.getTime() + 48 * HOUR_MS);
  expect(await walk({ now: later })).toEqual([1]);
});

it('counts what is due for operators', async () => {
  await batches(91, 'old-1', 'old-2');
  await batches(1, 'young');
  const operators = new Pool({ connectionString: database.urlAs('operator') });
  const batch = { kind: 'batches', keepDays: 90, now: NOW, limit: 10 } as const;
  expect(await new Retention(operators).countDue(batch)).toBe(2);
  await operators.end();
});

it('does not wait for subscribers, because no event is about a batch', async () => {
  await batches(91, 'old');
  await owner.query(`INSERT INTO queue_watch (redis_run_id, delivered_before) VALUES ('run', $1)`, [
    daysAgo(700),
  ]);
  expect(await walk()).toEqual([1]);
});

it('never ends one that changed within a day, whatever the worker asks', async () => {
  await batches(0.9, 'running');
  await batches(1.1, 'left');
  const ids = ['mer_test/running', 'mer_test/left', 'mer_other/left'];
  const { rows } = await workers.query(ending('batches'), [ids, NOW]);
  expect(rows).toEqual([{ id: 'mer_test/left' }]);
  expect(await left()).toEqual(['running']);
});

it('passes over one that a call is continuing at this moment', async () => {
  await batches(91, 'continued', 'old');
  const call = await owner.connect();
  await call.query('BEGIN');
  await call.query(`UPDATE payment_batches SET run = 2, updated_at = now() WHERE id = 'continued'`);
  expect(await walk()).toEqual([1, 0]);
  await call.query('COMMIT');
  call.release();
  expect(await left()).toEqual(['continued']);
});

it('lets a later call of an ended batch begin with line 1 alone', async () => {
  await batches(91, 'old');
  await walk();
  const store = new PaymentBatches(owner);
  expect(await store.open('mer_test', 'old', 6)).toBeUndefined();
  expect(await store.open('mer_test', 'old', 1)).toMatchObject({ run: 1, settled: 0 });
});

it('reads the table by its key in each step, however large it is', async () => {
  await owner.query(
    `INSERT INTO payment_batches SELECT 'mer_test', 'b-' || n, 1, 5, 5, 0, 0, $1, $1 FROM generate_series(1, 20000) AS n`,
    [daysAgo(91)],
  );
  await owner.query('ANALYZE payment_batches');
  // A connection of its own, because the view also counts earlier scans that are not yet reported.
  const client = new Client({ connectionString: database.urlAs('worker') });
  await client.connect();
  await client.query('BEGIN');
  const slice = await client.query<{ id: string }>(sliceOf('batches'), [
    'mer_test/b-15',
    200,
    daysAgo(90),
  ]);
  const ids = slice.rows.map(({ id }) => id);
  await client.query(ending('batches'), [ids, NOW]);
  const { rows } = await client.query<{ scans: number; read: number }>(
    `SELECT seq_scan::int AS scans, idx_tup_fetch::int AS read FROM pg_stat_xact_user_tables
     WHERE relname = 'payment_batches'`,
  );
  await client.end();
  expect(ids).toHaveLength(200);
  expect(rows[0]?.scans).toBe(0);
  expect(rows[0]?.read).toBeLessThan(1_000);
});
