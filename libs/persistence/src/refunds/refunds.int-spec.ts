// Goal: refunds never take more than their payment has, whatever races, and refund and payment
// change together or not at all. Method: the store over a real Postgres, with as many concurrent
// callers as there are connections.
import { randomUUID } from 'node:crypto';
import {
  AfterCommit,
  type CommitHints,
  createPool,
  type OutboxMessage,
  OutboxRelay,
  Payments,
  type PublishMessages,
  QueueWatch,
  type RefundOrder,
  Refunds,
} from '@quittance/persistence';
import { decideRefund, type GatewayReport, type Payment, type Refund } from '@quittance/payments';
import { createLogger, Metrics } from '@quittance/platform';
import type { Pool } from 'pg';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import {
  createTestDatabase,
  type TestDatabase,
  emptyPayments,
  PATIENT_DEADLINES,
} from '../../../../test/support/postgres.js';
import { aPaidPayment, aRefundOf, dispute } from '../../../../test/support/refunds.js';

let database: TestDatabase;
let pool: Pool;
let refunds: Refunds;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    databaseUrl: database.url,
    connections: 16,
    applicationName: 'refunds-test',
    onError: () => undefined,
    deadlines: PATIENT_DEADLINES,
  });
  refunds = new Refunds(pool);
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function paid(overrides: Partial<Payment> = {}): Promise<Payment> {
  const payment = aPaidPayment(overrides);
  await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
  return payment;
}
async function rows(sql: string): Promise<Record<string, unknown>[]> {
  return (await pool.query<Record<string, unknown>>(sql)).rows;
}
/** Returns a message in words, with the version of the payment that a refund's message shows. */
function describeMove({ refund, sequence, status, snapshot }: OutboxMessage): string {
  if (!refund) return `payment ${sequence} ${status}`;
  const shown = JSON.parse(refund.snapshot) as { version: number; status: string };
  expect(shown).toMatchObject({ id: refund.id, version: sequence, status });
  const { version } = JSON.parse(snapshot) as { version: number };
  return `refund ${sequence} ${status} at payment ${version}`;
}
const reserved = async () =>
  (await rows('SELECT refund_reserved_minor AS r FROM payment_intents'))[0]?.['r'];
const count = (words: readonly string[], word: string) =>
  words.filter((one) => one === word).length;

const pending = ({ reference, transId }: Payment): GatewayReport => ({
  transId: transId ?? '',
  state: 'refundPending',
  orderStatus: '8',
  reference,
  amount: '11.11',
  currency: 'EUR',
  response: null,
  authUrl: null,
  maskedCard: null,
  isOtherTerminal: false,
  unreadable: [],
});

/** The decisions in a refund's life, as its worker makes them. */
async function open(refund: Refund): Promise<boolean> {
  const before = await refunds.load(refund.id);
  if (!before) throw new Error('no such refund');
  const now = new Date();
  const evidence = { cause: 'request', act: 'open', replyBefore: now } as const;
  const decision = decideRefund(before, evidence, now);
  const isOpening = decision.move?.to === 'submitting';
  return refunds.record({
    before,
    decision,
    terminalName: 'main',
    ...(isOpening && { opensAttempt: { replyBefore: now, openedBy: randomUUID() } }),
  });
}

describe('a request for a refund', () => {
  it('reserves the amount, and stores refund, event and the order to submit it in one commit', async () => {
    const payment = await paid();
    const refund = aRefundOf(payment, { amountMinor: 500n, reason: 'Damaged' });
    expect(await refunds.request(refund)).toBe('reserved');
    expect(await refunds.load(refund.id)).toMatchObject({
      refund,
      payment: { ...payment, refundReservedMinor: 500n },
    });
    expect(await rows('SELECT refund_id, sequence, status, cause FROM refund_events')).toEqual([
      { refund_id: refund.id, sequence: 1, status: 'queued', cause: 'request' },
    ]);
    const orders: RefundOrder[] = [];
    const log = createLogger({ name: 'test', level: 'silent' });
    const moves: string[] = [];
    const publish: PublishMessages = (messages, ordered) => {
      moves.push(...messages.map((message) => describeMove(message)));
      orders.push(...ordered);
      return Promise.resolve();
    };
    await new OutboxRelay(pool, publish, log).relayBatch();
    const { id: refundId, merchantId, createdAt: at } = refund;
    expect(orders).toEqual([{ refundId, merchantId, version: 1, at }]);
    expect(moves).toEqual(['payment 1 succeeded', 'refund 1 pending at payment 1']);
    expect(await rows('SELECT id FROM outbox')).toEqual([]);
  });

  it('succeeds for exactly one of fifty for the whole amount at once, and of fifty for a part', async () => {
    for (const amountMinor of [1111n, 1n]) {
      const payment = await paid();
      const asked = Array.from({ length: 50 }, () => aRefundOf(payment, { amountMinor }));
      const answers = await Promise.all(asked.map((refund) => refunds.request(refund)));
      expect([count(answers, 'reserved'), count(answers, 'notReservable')]).toEqual([1, 49]);
    }
    expect(await rows('SELECT count(*)::int AS n FROM refunds')).toEqual([{ n: 2 }]);
  });

  it('succeeds for one of a full and a partial refund that race, a hundred times', async () => {
    for (let round = 0; round < 100; round += 1) {
      const payment = await paid();
      const both = [1111n, 500n].map((amountMinor) => aRefundOf(payment, { amountMinor }));
      const answers = await Promise.all(both.map((refund) => refunds.request(refund)));
      expect(count(answers, 'reserved')).toBe(1);
    }
    const beyond = 'SELECT id FROM payment_intents WHERE refund_reserved_minor > amount_minor';
    expect(await rows(beyond)).toEqual([]);
  });

  it('is stored once of fifty repeats of the same reference, also on different payments', async () => {
    const payments = await Promise.all(Array.from({ length: 50 }, () => paid()));
    const asked = payments.map((payment) => aRefundOf(payment, { reference: 'RF-1' }));
    const answers = await Promise.all(asked.map((refund) => refunds.request(refund)));
    expect([count(answers, 'reserved'), count(answers, 'referenceTaken')]).toEqual([1, 49]);
    // Nothing of the others was stored: no amount reserved, no order to submit.
    const taken = 'SELECT id FROM payment_intents WHERE refund_reserved_minor IS NOT NULL';
    expect(await rows(taken)).toHaveLength(1);
    expect(await rows('SELECT id FROM outbox WHERE refund_id IS NOT NULL')).toHaveLength(1);
  });

  it.each<[string, Partial<Payment>, Partial<Refund>]>([
    ['of a payment that has not succeeded', { status: 'processing' }, {}],
    ['of a reversed payment', { status: 'reversed' }, {}],
    ['of a payment without a transID', { transId: null }, {}],
    ['of more than was paid', {}, { amountMinor: 1112n }],
    ['in another currency', {}, { currency: 'USD' }],
    ['of another merchant’s payment', {}, { merchantId: 'mer_other' }],
    ['of a nonexistent payment', {}, { paymentId: 'pi_none' }],
  ])('writes nothing %s', async (_what, ofPayment, ofRefund) => {
    const payment = await paid(ofPayment);
    expect(await refunds.request(aRefundOf(payment, ofRefund))).toBe('notReservable');
    expect(await rows('SELECT id FROM refunds')).toEqual([]);
    expect(await reserved()).toBeNull();
  });
});

describe('a decision', () => {
  it('opens one attempt, however many workers try', async () => {
    const refund = aRefundOf(await paid());
    await refunds.request(refund);
    const loaded = await refunds.load(refund.id);
    if (!loaded) throw new Error('no such refund');
    const now = new Date();
    const decision = decideRefund(loaded, { cause: 'request', act: 'open', replyBefore: now }, now);
    const change = {
      before: loaded,
      decision,
      terminalName: 'main',
      opensAttempt: { replyBefore: now, openedBy: randomUUID() },
    };
    const written = await Promise.all(Array.from({ length: 20 }, () => refunds.record(change)));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await rows('SELECT number, outcome FROM refund_attempts')).toEqual([
      { number: 1, outcome: null },
    ]);
  });

  it('moves refund and payment together, with the payment’s event', async () => {
    const payment = await paid();
    const refund = aRefundOf(payment);
    await refunds.request(refund);
    await open(refund);
    const before = await refunds.load(refund.id);
    if (!before) throw new Error('no such refund');
    const outcome = { kind: 'accepted', report: pending(payment) } as const;
    const decision = decideRefund(before, { cause: 'reply', outcome, random: 0 }, new Date());
    expect(await refunds.record({ before, decision, terminalName: 'main' })).toBe(true);
    expect(await refunds.load(refund.id)).toMatchObject({
      refund: { status: 'accepted', version: 3 },
      payment: {
        status: 'refundPending',
        version: 2,
        refundedMinor: 0n,
        refundReservedMinor: 1111n,
      },
    });
    expect(await rows('SELECT status, cause FROM payment_events WHERE sequence = 2')).toEqual([
      { status: 'refund_pending', cause: 'reply' },
    ]);
  });

  it('of a refund is published beside the payment’s, and only the first orders a submission', async () => {
    const payment = await paid();
    const refund = aRefundOf(payment);
    await refunds.request(refund);
    await open(refund);
    const before = await refunds.load(refund.id);
    if (!before) throw new Error('no such refund');
    const outcome = { kind: 'accepted', report: pending(payment) } as const;
    const decision = decideRefund(before, { cause: 'reply', outcome, random: 0 }, new Date());
    await refunds.record({ before, decision, terminalName: 'main' });
    const moves: string[] = [];
    const orders: RefundOrder[] = [];
    const publish: PublishMessages = (messages, ordered) => {
      moves.push(...messages.map((message) => describeMove(message)));
      orders.push(...ordered);
      return Promise.resolve();
    };
    const log = createLogger({ name: 'test', level: 'silent' });
    await new OutboxRelay(pool, publish, log).relayBatch();
    expect(moves).toEqual([
      'payment 1 succeeded',
      'refund 1 pending at payment 1',
      'refund 2 submitting at payment 1',
      'refund 3 pending at payment 2',
      'payment 2 refund_pending',
    ]);
    const { id: refundId, merchantId, createdAt: at } = refund;
    expect(orders).toEqual([{ refundId, merchantId, version: 1, at }]);
  });

  it('writes neither when the payment has moved meanwhile', async () => {
    const payment = await paid();
    const refund = aRefundOf(payment);
    await refunds.request(refund);
    await open(refund);
    const before = await refunds.load(refund.id);
    if (!before) throw new Error('no such refund');
    await dispute(pool, payment);
    const messages = await rows('SELECT count(*)::int AS n FROM outbox');
    const outcome = { kind: 'accepted', report: pending(payment) } as const;
    const decision = decideRefund(before, { cause: 'reply', outcome, random: 0 }, new Date());
    expect(await refunds.record({ before, decision, terminalName: 'main' })).toBe(false);
    expect(await refunds.load(refund.id)).toMatchObject({
      refund: { status: 'submitting', version: 2 },
      payment: { status: 'disputed' },
    });
    expect(await rows('SELECT count(*)::int AS n FROM outbox')).toEqual(messages);
  });

  it('that the refund failed releases the amount, so that another one can be requested', async () => {
    const payment = await paid();
    const refund = aRefundOf(payment, { submitBefore: new Date() });
    await refunds.request(refund);
    expect(await reserved()).toBe('1111');
    await open(refund);
    expect(await refunds.load(refund.id)).toMatchObject({
      refund: { status: 'failed', failure: { code: 'gateway_unreachable' } },
      payment: { refundReservedMinor: 0n },
    });
    expect(await refunds.request(aRefundOf(payment))).toBe('reserved');
  });
});

it('counts transitions, notifies waiting callers, and relays the order', async () => {
  const metrics = new Metrics();
  const announced: string[] = [];
  const orders: RefundOrder[] = [];
  const log = createLogger({ name: 'test', level: 'silent' });
  const publish: PublishMessages = (_messages, refundOrders) =>
    Promise.resolve(void orders.push(...refundOrders));
  const relay = new OutboxRelay(pool, publish, log);
  const ordered: string[] = [];
  const hints: CommitHints = {
    announce: (ids) => void announced.push(...ids),
    order: (_, added) => void ordered.push(...added.map(({ refundId }) => refundId)),
    inquire: () => undefined,
  };
  const after = new AfterCommit(relay, hints, metrics, log);
  const refund = aRefundOf(await paid());
  await new Refunds(pool, after.refunds).request(refund);
  await relay.relayBatch();
  expect([announced, ordered, orders.map(({ refundId }) => refundId)]).toEqual([
    [refund.id, 'mer_test'],
    [refund.id],
    [refund.id],
  ]);
  expect(await metrics.registry.metrics()).toContain(
    'quittance_refund_moves_total{to="queued",cause="request"} 1',
  );
});

it('returns the events of refunds to the outbox when the queues are refilled', async () => {
  const createdAt = new Date();
  const payment = await paid({ createdAt, updatedAt: createdAt });
  const refund = aRefundOf(payment);
  await refunds.request(refund);
  await open(refund);
  await rows('DELETE FROM outbox');
  const refilled = await new QueueWatch(pool).refill('another-run', refund.createdAt);
  expect(refilled.events).toBe(3);
  expect(await rows('SELECT refund_id, sequence FROM outbox ORDER BY id')).toEqual([
    { refund_id: null, sequence: 1 },
    { refund_id: refund.id, sequence: 1 },
    { refund_id: refund.id, sequence: 2 },
  ]);
});

it('claims due refunds once, and again when the lease has expired', async () => {
  const refund = aRefundOf(await paid(), { nextStepAt: new Date() });
  await refunds.request(refund);
  const now = new Date();
  const leaseUntil = new Date(now.getTime() + 60_000);
  const due = { refundId: refund.id, merchantId: 'mer_test', version: 1, inquiries: 0, asks: 0 };
  expect(await refunds.claimDue({ now, leaseUntil, limit: 10 })).toEqual([due]);
  expect(await refunds.claimDue({ now, leaseUntil, limit: 10 })).toEqual([]);
  const later = { now: leaseUntil, leaseUntil: new Date(now.getTime() + 120_000), limit: 10 };
  expect(await refunds.claimDue(later)).toEqual([due]);
});
