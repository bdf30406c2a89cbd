// Goal: two processes write the same payments at the same moment, each in its own order and in one
// statement, and neither makes the other fail.
import { decide, type Payment } from '@quittance/payments';
import { type NewPayment, Payments } from '@quittance/persistence';
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { meet } from '../../../test/support/concurrent-writers.js';
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

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  // With the planner settings of production, which restrict it to indexes.
  const options = { databaseUrl: database.url, applicationName: 'lock order' };
  pool = createPool({ ...options, connections: 5, onError: () => undefined });
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
});
afterAll(async () => {
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

/** Returns three payments, with ids in this order. */
function threePayments(change: (payment: Payment, at: number) => Partial<Payment> = () => ({})) {
  const made = [aPayment(), aPayment(), aPayment()];
  return made.map((payment, at) => ({ ...payment, ...change(payment, at) })) as [
    Payment,
    Payment,
    Payment,
  ];
}

/**
 * Claims the payment, which is not a transition: a statement that waits for the row must find what
 * it needs in the new version of it.
 */
const claim =
  ({ id, nextStepAt }: Payment) =>
  (client: PoolClient) =>
    client.query('UPDATE payment_intents SET next_step_at = $2 WHERE id = $1', [
      id,
      new Date((nextStepAt ?? NOW).getTime() + 1),
    ]);

/** Makes the calls of one process at one moment; they share a statement. */
const together = async <T>(inputs: readonly T[], call: (input: T) => Promise<boolean>) =>
  Promise.all(inputs.map(call));

async function store(payments: readonly Payment[]): Promise<void> {
  for (const payment of payments)
    await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
}

function expectEachTakenOnce(taken: readonly (readonly boolean[])[]): void {
  for (const at of [0, 1, 2]) expect(taken.filter((results) => results[at])).toHaveLength(1);
}

it('moves the same payments in opposite orders without a deadlock', async () => {
  const [first, middle, last] = threePayments();
  await store([first, middle, last]);
  const [one, another] = [new Payments(pool), new Payments(pool)];
  const { ones, others, deadlocks } = await meet(pool, {
    hold: claim(middle),
    end: 'COMMIT',
    one: () => together([first, middle, last].map(opening), (change) => one.record(change)),
    another: () => together([last, middle, first].map(opening), (change) => another.record(change)),
  });
  expectEachTakenOnce([ones, others.toReversed()]);
  expect(deadlocks).toBe(0);
});

it('accepts the same references in opposite orders without a deadlock', async () => {
  const references = ['SAME-A', 'SAME-B', 'SAME-C'];
  const { payment } = newPayment('SAME-B');
  const values = [insertColumns(payment, null), { id: payment.id, snapshot: {} }];
  const [one, another] = [new Payments(pool), new Payments(pool)];
  const { ones, others, deadlocks } = await meet(pool, {
    // Not committed, so the reference in the middle is neither free nor used.
    hold: (client) =>
      client.query({ ...ACCEPT, values: values.map((row) => JSON.stringify([row])) }),
    end: 'ROLLBACK',
    one: () => together(references.map(newPayment), (input) => one.accept(input)),
    another: () =>
      together(references.toReversed().map(newPayment), (input) => another.accept(input)),
  });
  expectEachTakenOnce([ones, others.toReversed()]);
  expect(deadlocks).toBe(0);
});

it('refills the queues during transitions without a deadlock', async () => {
  // Stored, and found by their deadline, in the reverse order of their ids.
  const [first, middle, last] = threePayments(({ submitBefore }, at) => ({
    submitBefore: new Date(submitBefore.getTime() - at),
  }));
  await store([last, middle, first]);
  const watch = new QueueWatch(pool);
  await watch.refill('one redis', NOW);
  const payments = new Payments(pool);
  const { ones, others, deadlocks } = await meet(pool, {
    hold: claim(middle),
    end: 'COMMIT',
    one: () => watch.refill('another redis', new Date(NOW.getTime() - 1)),
    another: () =>
      together([first, middle, last].map(opening), (change) => payments.record(change)),
  });
  expect(others).toEqual([true, true, true]);
  expect(ones.submissions).toBe(3);
  expect(deadlocks).toBe(0);
});
