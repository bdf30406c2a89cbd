// Goal: awaited steps are claimed however many steps of the watch are due, and each kind is found
// by an index of its own. Method: every status with and without a request for an inquiry, and the
// plans of the statements over thousands of rows.
import { requestInquiry, isEnded, isHandedOver, paymentStatuses } from '@quittance/payments';
import { DuePayments, Payments } from '@quittance/persistence';
import type { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { plantWatched } from '../../../test/support/watched-payments.js';
import { createPool } from './pool.js';
import { CLAIM_DUE, CLAIM_WATCHED } from './statements.js';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const LEASED = new Date('2026-11-21T12:01:00.000Z');

let database: TestDatabase;
let pool: Pool;
let due: DuePayments;

beforeAll(async () => {
  database = await createTestDatabase();
  // With the planner settings of production, which restrict it to indexes.
  const options = { databaseUrl: database.url, applicationName: 'due payments' };
  pool = createPool({ ...options, connections: 2, onError: () => undefined });
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
  due = new DuePayments(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const failure = { code: 'declined', message: 'x' } as const;

describe.each(paymentStatuses)('a payment in %s', (status) => {
  const doubtReason = status === 'inDoubt' ? 'no_reply' : null;
  const base = aPayment({ status, doubtReason, failure, nextStepAt: NOW });
  const accept = (payment: typeof base) =>
    new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
  const claims = async () => {
    const options = { now: NOW, leaseUntil: LEASED, limit: 10 };
    return [(await due.claim(options)).length, (await due.claimWatched(options)).length];
  };

  it('is claimed once, as its kind', async () => {
    await accept(base);
    expect(await claims()).toEqual(isEnded(status) ? [0, 1] : [1, 0]);
    expect(await claims()).toEqual([0, 0]);
  });

  it('comes first after a request for an inquiry', async () => {
    if (isHandedOver(status)) await accept(requestInquiry(base, NOW));
    else await accept({ ...base, asks: 1 });
    expect(await claims()).toEqual([1, 0]);
  });

  it('returns to its kind after the answer, and when the counts are NULL', async () => {
    await accept({ ...base, asks: 2, asksAnswered: 2 });
    expect(await claims()).toEqual(isEnded(status) ? [0, 1] : [1, 0]);
    await pool.query(
      'UPDATE payment_intents SET asks = NULL, asks_answered = NULL, next_step_at = $1',
      [NOW],
    );
    expect(await claims()).toEqual(isEnded(status) ? [0, 1] : [1, 0]);
  });
});

it.each([
  ['awaited steps', CLAIM_DUE, 'payment_intents_due_first'],
  ['the watch', CLAIM_WATCHED, 'payment_intents_due_watched'],
])('finds %s by its index', async (_, { text }, index) => {
  await plantWatched(pool, { count: 5_000, dueAt: NOW });
  await pool.query('ANALYZE payment_intents');
  const client = await pool.connect();
  try {
    // As a named statement is planned after its first uses: for any values.
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query(`PREPARE claim (timestamptz, timestamptz, bigint) AS ${text}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      'EXPLAIN EXECUTE claim (now(), now(), 500)',
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain(`Index Scan using ${index}`);
    expect(plan).not.toContain('Seq Scan');
  } finally {
    client.release(true);
  }
});

it.each([
  ['awaited steps', CLAIM_DUE, 'UPDATE payment_intents SET asks = 1'],
  ['the watch', CLAIM_WATCHED, 'SELECT'],
])('claims %s within the limit by a plan made for an empty table', async (_, { text }, change) => {
  await pool.query('ANALYZE payment_intents');
  const client = await pool.connect();
  try {
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query(`PREPARE claim (timestamptz, timestamptz, bigint) AS ${text}`);
    const claim = "EXECUTE claim (now(), now() + interval '1 hour', 500)";
    expect((await client.query(claim)).rowCount).toBe(0);
    await plantWatched(pool, { count: 20_000, dueAt: NOW });
    await client.query(change);
    expect((await client.query(claim)).rowCount).toBe(500);
  } finally {
    client.release(true);
  }
});
