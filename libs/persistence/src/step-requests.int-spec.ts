// Goal: a request to take the next step now survives any concurrent write, of every terminal and in
// any number. Method: requests between reading a payment and writing the decision about it, on a
// real Postgres.
import { decide, type Payment } from '@quittance/payments';
import { StepRequests, DuePayments, Payments, Refunds } from '@quittance/persistence';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { aPaidPayment, aRefundOf } from '../../../test/support/refunds.js';

let database: TestDatabase;
let pool: Pool;
let payments: Payments;
let asks: StepRequests;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
  payments = new Payments(pool);
  asks = new StepRequests(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const NOW = new Date('2026-11-21T12:00:00.000Z');
const LATER = new Date('2026-11-21T13:00:00.000Z');
const silence = { kind: 'unanswered', reason: 'timeout' } as const;
const doubt: Partial<Payment> = { status: 'inDoubt', doubtReason: 'no_reply', attempt: 1 };

async function accepted(overrides: Partial<Payment> = {}): Promise<Payment> {
  const payment = aPayment({ nextStepAt: LATER, ...overrides });
  await payments.accept({ payment, terminalName: 'main', sealedCard: null });
  return payment;
}

async function stored({ id }: Payment): Promise<Payment> {
  const loaded = await payments.load(id);
  if (!loaded) throw new Error('the payment is missing');
  return loaded.payment;
}

/** Writes the decision of an inquiry that started when `before` was read. */
const answer = (before: Payment) =>
  payments.record({
    before,
    decision: decide(before, { cause: 'inquiry', answer: silence, asks: before.asks }, LATER),
    terminalName: 'main',
  });

it('retains the due time of a request that came during an inquiry', async () => {
  const before = await accepted({ ...doubt, transId: '1', inquiries: 12 });
  await asks.payment(before.id, NOW);
  expect(await answer(before)).toBe(true);
  const asked = await stored(before);
  expect(asked).toMatchObject({ nextStepAt: NOW, asks: 1, asksAnswered: 0, inquiries: 13 });
  expect(await answer(asked)).toBe(true);
  const answered = await stored(before);
  expect(answered).toMatchObject({ asks: 1, asksAnswered: 1, inquiries: 13 });
  expect(answered.nextStepAt?.getTime()).toBeGreaterThan(LATER.getTime());
});

it('retains the due time when the answer of the inquiry moves the payment', async () => {
  const before = await accepted({ status: 'processing', transId: '1', attempt: 1 });
  await asks.payment(before.id, NOW);
  const report = {
    transId: '1',
    state: 'approved' as const,
    orderStatus: '1',
    reference: before.reference,
    amount: '11.11',
    currency: 'EUR',
    response: null,
    authUrl: null,
    maskedCard: null,
    isOtherTerminal: false,
    unreadable: [],
  };
  const evidence = { cause: 'inquiry', answer: { kind: 'reported', report } } as const;
  const decision = decide(before, evidence, LATER);
  expect(await payments.record({ before, decision, terminalName: 'main' })).toBe(true);
  expect(await stored(before)).toMatchObject({ status: 'succeeded', nextStepAt: NOW });
});

it('leaves an earlier due time, and counts each of many concurrent requests', async () => {
  const early = new Date('2026-11-21T11:00:00.000Z');
  const payment = await accepted({ ...doubt, nextStepAt: early });
  await Promise.all(Array.from({ length: 20 }, () => asks.payment(payment.id, NOW)));
  expect(await stored(payment)).toMatchObject({ nextStepAt: early, asks: 20 });
});

it('makes no inquiry due about a payment that was not handed over', async () => {
  const payment = await accepted();
  await asks.payment(payment.id, NOW);
  expect(await stored(payment)).toMatchObject({ nextStepAt: LATER, asks: 0 });
});

it('counts a request for a payment of the previous version, which did not count requests', async () => {
  const payment = await accepted(doubt);
  await pool.query('UPDATE payment_intents SET asks = NULL, asks_answered = NULL');
  await asks.payment(payment.id, NOW);
  await answer(await stored(payment));
  expect(await stored(payment)).toMatchObject({ asks: 1, asksAnswered: 1 });
});

it('claims with the number of requests, and is claimed again for one that comes after', async () => {
  const payment = await accepted({ ...doubt, nextStepAt: NOW });
  const due = new DuePayments(pool);
  const claim = () => due.claim({ now: NOW, leaseUntil: LATER, limit: 10 });
  expect(await claim()).toMatchObject([{ paymentId: payment.id, asks: 0 }]);
  expect(await claim()).toEqual([]);
  await asks.payment(payment.id, NOW);
  expect(await claim()).toMatchObject([{ paymentId: payment.id, asks: 1 }]);
});

describe('a terminal', () => {
  it('makes inquiries due for all its doubts without a transID, and for no other terminal’s', async () => {
    await insertTestTerminal(pool, { id: 'ter_other', name: 'other' });
    const due = [
      await accepted({ ...doubt, nextStepAt: null }),
      await accepted(doubt),
      await accepted({ ...doubt, inquiries: 3 }),
    ];
    const others = [
      await accepted({ ...doubt, transId: '1' }),
      await accepted({ ...doubt, terminalId: 'ter_other' }),
      await accepted({ status: 'processing', attempt: 1 }),
    ];
    expect(await asks.doubtsOf('ter_test', NOW)).toBe(3);
    for (const one of due) expect(await stored(one)).toMatchObject({ nextStepAt: NOW, asks: 1 });
    for (const one of others) expect(await stored(one)).toEqual(one);
  });

  it('makes all its queued payments due', async () => {
    await insertTestTerminal(pool, { id: 'ter_other', name: 'other' });
    const queued = await accepted();
    const retried = await accepted({ attempt: 2 });
    const elsewhere = await accepted({ terminalId: 'ter_other' });
    const paid = aPaidPayment();
    await payments.accept({ payment: paid, terminalName: 'main', sealedCard: null });
    const refunds = new Refunds(pool);
    const refund = aRefundOf(paid, { nextStepAt: LATER });
    await refunds.request(refund);
    expect(await asks.queuedOf('ter_test', NOW)).toEqual({ payments: 2, refunds: 1 });
    for (const one of [queued, retried])
      expect(await stored(one)).toMatchObject({ nextStepAt: NOW, asks: 1 });
    expect(await stored(elsewhere)).toEqual(elsewhere);
    expect(await stored(paid)).toMatchObject({ asks: 0 });
    expect((await refunds.load(refund.id))?.refund).toMatchObject({ nextStepAt: NOW, asks: 1 });
  });

  it.each([
    ['in doubt', doubt, () => asks.doubtsOf('ter_test', NOW)],
    ['queued', {}, async () => (await asks.queuedOf('ter_test', NOW)).payments],
  ])('makes thousands %s due, once each', async (_, overrides, ask) => {
    const all = Array.from({ length: 2_500 }, () => aPayment({ ...overrides, nextStepAt: LATER }));
    await Promise.all(
      all.map((payment) => payments.accept({ payment, terminalName: 'main', sealedCard: null })),
    );
    expect(await ask()).toBe(2_500);
    const counted = 'SELECT count(*)::int AS count FROM payment_intents WHERE asks = 1';
    expect((await pool.query(counted)).rows).toEqual([{ count: 2_500 }]);
  });

  it('makes inquiries due that were impossible before', async () => {
    const given = await accepted({ ...doubt, nextStepAt: null });
    const known = await accepted({ ...doubt, nextStepAt: null, transId: '1' });
    await asks.doubtsWithoutStep(NOW);
    expect(await stored(given)).toMatchObject({ nextStepAt: null });
    expect(await stored(known)).toMatchObject({ nextStepAt: NOW });
    await pool.query(`UPDATE terminals SET inquiry = 'probe'`);
    expect(await asks.doubtsWithoutStep(NOW)).toBeUndefined();
    expect(await stored(given)).toMatchObject({ nextStepAt: NOW });
  });

  it('opens no attempt once its pause is committed, and continues after the pause', async () => {
    const before = await accepted();
    await pool.query(`UPDATE terminals SET paused_at = now(), paused_reason = 'x'`);
    const replyBefore = LATER;
    const evidence = { cause: 'request', act: 'open', replyBefore } as const;
    const fence = () =>
      payments.record({
        before,
        decision: decide(before, evidence, new Date(before.createdAt)),
        terminalName: 'main',
        opensAttempt: { replyBefore, openedBy: randomUUID() },
      });
    expect(await fence()).toBe(false);
    expect(await stored(before)).toEqual(before);
    await pool.query('UPDATE terminals SET paused_at = NULL, paused_reason = NULL');
    expect(await fence()).toBe(true);
  });
});
