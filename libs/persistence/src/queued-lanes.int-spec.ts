// Goal: statements about the queued payments of all lanes find the same as if there were one, and
// each reads only the index of queued payments. Method: payments in several lanes over a real
// Postgres, and the plans over thousands of rows.
import {
  DuePayments,
  Payments,
  QueuedLanes,
  SealedValues,
  StepRequests,
} from '@quittance/persistence';
import type { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { plantWatched } from '../../../test/support/watched-payments.js';
import { createPool } from './pool.js';
import { OVERDUE } from './statements.js';

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second));

let database: TestDatabase;
let pool: Pool;
let payments: Payments;

beforeAll(async () => {
  database = await createTestDatabase();
  // With the planner settings of production, which restrict it to indexes.
  const options = { databaseUrl: database.url, applicationName: 'queued lanes' };
  pool = createPool({ ...options, connections: 2, onError: () => undefined });
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
  payments = new Payments(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function queue(lane: string, submitBefore: Date, createdAt = at(0)): Promise<string> {
  const payment = aPayment({ lane, submitBefore, createdAt });
  const sealedCard = `card of ${payment.id}`;
  await payments.accept({ payment, terminalName: 'main', sealedCard });
  return payment.id;
}

it('lists the lanes with the age of the oldest payment, and no lane without a queued one', async () => {
  const lanes = new QueuedLanes(pool);
  expect(await lanes.list()).toEqual([]);
  const secondsAgo = (count: number) => new Date(Date.now() - count * 1_000);
  await queue('b', at(2), secondsAgo(500));
  await queue('a', at(1), secondsAgo(900));
  await queue('a', at(3), secondsAgo(100));
  const ended = aPayment({ lane: 'ended', status: 'succeeded', createdAt: secondsAgo(5_000) });
  await payments.accept({ payment: ended, terminalName: 'main', sealedCard: null });
  const listed = await lanes.list();
  expect(listed.map(({ lane }) => lane)).toEqual(['a', 'b']);
  expect(Math.abs(listed[0]!.oldestSeconds - 900)).toBeLessThan(60);
  expect(Math.abs(listed[1]!.oldestSeconds - 500)).toBeLessThan(60);
});

it('finds overdue payments of all lanes, the earliest deadline first', async () => {
  const third = await queue('a', at(3));
  const first = await queue('b', at(1));
  const second = await queue('c', at(2));
  await queue('b', at(9));
  const due = new DuePayments(pool);
  expect(await due.overdue({ now: at(5), limit: 10 })).toEqual([first, second, third]);
  expect(await due.overdue({ now: at(5), limit: 2 })).toEqual([first, second]);
});

it('lists every stored card once, although payments change their lane meanwhile', async () => {
  const ids: string[] = [];
  for (let second = 1; second <= 6; second += 1)
    ids.push(await queue(second % 2 === 0 ? 'a' : 'b', at(second)));
  const values = new SealedValues(pool);
  const first = await values.cards(undefined, 3);
  await pool.query(`UPDATE payment_intents SET lane = CASE lane WHEN 'a' THEN 'b' ELSE 'a' END`);
  const second = await values.cards(first.at(-1), 3);
  expect([...first, ...second].map(({ paymentId }) => paymentId)).toEqual(ids);
  expect(await values.cards(second.at(-1), 3)).toEqual([]);
});

it.each(['a', 'z'])(
  'makes a terminal’s payments due once each, as they move to lane %s',
  async (lane) => {
    for (const from of ['a', 'm', 'z']) await queue(from, at(1));
    await pool.query('UPDATE terminals SET lane = $1', [lane]);
    expect((await new StepRequests(pool).queuedOf('ter_test', at(0))).payments).toBe(3);
    const { rows } = await pool.query('SELECT DISTINCT lane, asks FROM payment_intents');
    expect(rows).toEqual([{ lane, asks: 1 }]);
  },
);

it('finds overdue payments by the index of queued ones', async () => {
  await plantWatched(pool, { count: 5_000, dueAt: at(0) });
  const queued = Array.from({ length: 2_000 }, (_, index) => queue(`lane-${index % 4}`, at(index)));
  await Promise.all(queued);
  await pool.query('ANALYZE payment_intents');
  const client = await pool.connect();
  try {
    // As a named statement is planned after its first uses: for any values.
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query(`PREPARE planned (timestamptz, bigint) AS ${OVERDUE.text}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      'EXPLAIN EXECUTE planned (now(), 200)',
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index Cond: ((lane = lanes_and_end.lane) AND (submit_before <= $1))');
    const scans = plan.match(/Scan (using|on) payment_intents\w+/g) ?? [];
    expect(new Set(scans)).toEqual(new Set(['Scan using payment_intents_queued_by_lane']));
    expect(plan).not.toContain('Seq Scan');
  } finally {
    client.release(true);
  }
});
