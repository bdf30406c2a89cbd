// Two processes write the same payments at the same moment, each in its own order, all of one process in one statement. Whoever locks
// rows in the order of its input meets the other one head-on: Postgres lets both wait for a second, and then fails one.
import { decide, type Payment } from '@quittance/payments';
import { type NewPayment, Payments } from '@quittance/persistence';
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { insertColumns } from './payment-row.js';
import { createPool } from './pool.js';
import { QueueWatch } from './queue-watch.js';
import { ACCEPT } from './statements.js';

const NOW = new Date('2026-11-21T10:00:01.000Z');
const REPLY_BEFORE = new Date('2026-11-21T10:00:31.000Z');

const WAITING = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%payment_intents%'`;
const DEADLOCKS = `SELECT deadlocks::int AS count FROM pg_stat_database WHERE datname = current_database()`;

let database: TestDatabase;
let pool: Pool;
let other: PoolClient;

beforeAll(async () => {
  database = await createTestDatabase();
  // With the planner as it is in production, where it is kept on indexes.
  const options = { databaseUrl: database.url, applicationName: 'lock order' };
  pool = createPool({ ...options, connections: 5, onError: () => undefined });
  other = await pool.connect();
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
});
afterAll(async () => {
  other.release();
  await pool.end();
  await database.drop();
});

const newPayment = (reference: string): NewPayment => ({
  payment: aPayment({ reference }),
  terminalName: 'main',
  sealedCard: null,
});
const opening = (payment: Payment) => ({
  before: payment,
  decision: decide(payment, { cause: 'request', act: 'open', replyBefore: REPLY_BEFORE }, NOW),
  terminalName: 'main',
  opensAttempt: { replyBefore: REPLY_BEFORE, openedBy: randomUUID() },
});
const waiting = async (count: number) =>
  eventually(async () => expect((await pool.query(WAITING)).rowCount).toBe(count));
const deadlocks = async () => (await pool.query<{ count: number }>(DEADLOCKS)).rows[0]?.count;

/** Claims it, which is no move: who waits for the row has to find what it needs in the new version of it. */
const touch = async ({ id, nextStepAt }: Payment) =>
  other.query('UPDATE payment_intents SET next_step_at = $2 WHERE id = $1', [
    id,
    new Date((nextStepAt ?? NOW).getTime() + 1),
  ]);

/** Calls of one process at one moment; they share a statement. */
const together = async <T>(inputs: readonly T[], call: (input: T) => Promise<boolean>) =>
  Promise.all(inputs.map(call));

it('moves the same payments in opposite orders without a deadlock', async () => {
  const before = await deadlocks();
  const accepted = ['A', 'B', 'C'].map((name) => newPayment(`MOVE-${name}`));
  const [first, middle, last] = accepted.map(({ payment }) => payment) as [
    Payment,
    Payment,
    Payment,
  ];
  await together(accepted, (input) => new Payments(pool).accept(input));
  const [one, another] = [new Payments(pool), new Payments(pool)];

  // Held in the middle, each would come to have what it began with, and need what the other one has.
  await other.query('BEGIN');
  await touch(middle);
  const ones = together([first, middle, last].map(opening), (change) => one.record(change));
  await waiting(1);
  const others = together([last, middle, first].map(opening), (change) => another.record(change));
  await waiting(2);
  await other.query('COMMIT');

  const taken = [await ones, (await others).toReversed()];
  for (const at of [0, 1, 2]) expect(taken.filter((results) => results[at])).toHaveLength(1);
  expect(await deadlocks()).toBe(before);
});

it('accepts the same references in opposite orders without a deadlock', async () => {
  const before = await deadlocks();
  const references = ['SAME-A', 'SAME-B', 'SAME-C'];
  const [one, another] = [new Payments(pool), new Payments(pool)];

  // Not committed, so the reference in the middle is neither free nor taken.
  await other.query('BEGIN');
  const { payment } = newPayment('SAME-B');
  const values = [insertColumns(payment, null), { id: payment.id, snapshot: {} }];
  await other.query({ ...ACCEPT, values: values.map((row) => JSON.stringify([row])) });
  const ones = together(references.map(newPayment), (input) => one.accept(input));
  await waiting(1);
  const others = together(references.toReversed().map(newPayment), (input) =>
    another.accept(input),
  );
  await waiting(2);
  await other.query('ROLLBACK');

  const taken = [await ones, (await others).toReversed()];
  for (const at of [0, 1, 2]) expect(taken.filter((results) => results[at])).toHaveLength(1);
  expect(await deadlocks()).toBe(before);
});

it('fills the queues again beside moves without a deadlock', async () => {
  const before = await deadlocks();
  // Stored, and found by their deadline, in the order opposite to that of their ids.
  const accepted = ['A', 'B', 'C'].map((name) => newPayment(`REFILL-${name}`));
  const [first, middle, last] = accepted.map(({ payment }, at) => ({
    ...payment,
    submitBefore: new Date(payment.submitBefore.getTime() - at),
  })) as [Payment, Payment, Payment];
  for (const payment of [last, middle, first])
    await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
  const watch = new QueueWatch(pool);
  await watch.refill('one redis', NOW);

  await other.query('BEGIN');
  await touch(middle);
  const refilled = watch.refill('another redis', new Date(NOW.getTime() - 1));
  await waiting(1);
  const store = new Payments(pool);
  const moved = together([first, middle, last].map(opening), (change) => store.record(change));
  await waiting(2);
  await other.query('COMMIT');

  expect(await moved).toEqual([true, true, true]);
  expect((await refilled).submissions).toBe(3);
  expect(await deadlocks()).toBe(before);
});
