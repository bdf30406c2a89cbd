// Goal: the next check finds each kind of violation, and reports no sound payment. Method: the
// check over a real Postgres and Redis and a scripted gateway. Rows that the database would reject
// are planted with its constraints and triggers off, in a database of this file.
import type { Payment } from '@quittance/payments';
import {
  StepRequests,
  Payments,
  Refunds,
  StoredInvariants,
  Terminals,
} from '@quittance/persistence';
import { Metrics, Secret, systemClock } from '@quittance/platform';
import { subscriberQueue } from '@quittance/events';
import { queueOf, QueueRegistry, RedisConnections } from '@quittance/queues';
import { Worker } from 'bullmq';
import { once } from 'node:events';
import { eventually } from '../../../../test/support/eventually.js';
import { aRefundOf, dispute } from '../../../../test/support/refunds.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { json } from '../../../../test/support/scripted-gateway.js';
import { TRANS_ID, transaction, WorkerRig } from '../../test/worker-rig.js';
import { InvariantCheck } from './invariant-check.js';
import { GatewayAgreement } from './gateway-agreement.js';
import { QueueAgreement } from './queue-agreement.js';

let rig: WorkerRig;
let share: TestRedis;
let redis: RedisConnections;
let queues: QueueRegistry;
let metrics: Metrics;
let invariants: InvariantCheck;

beforeAll(async () => {
  rig = await WorkerRig.start();
  share = createTestRedis();
  redis = new RedisConnections({ url: new Secret(share.url), log: rig.log });
  await eventually(() => redis.check());
  queues = new QueueRegistry(redis, share.prefix);
  await rig.pool.query(`
    DROP INDEX one_payment_per_transaction;
    ALTER TABLE payment_intents DISABLE TRIGGER ALL, ENABLE TRIGGER name_gateway_of_insert,
      ENABLE TRIGGER name_gateway_of_update, DROP CONSTRAINT card_is_gone_once_fenced,
      DROP CONSTRAINT never_refunded_beyond_amount, DROP CONSTRAINT refunded_was_reserved;
    ALTER TABLE payment_events DISABLE TRIGGER ALL, DROP CONSTRAINT payment_events_check;
    ALTER TABLE refunds DISABLE TRIGGER ALL;
    ALTER TABLE submission_attempts DISABLE TRIGGER ALL`);
});
beforeEach(async () => {
  await rig.reset();
  metrics = new Metrics();
  const payments = new Payments(rig.workers);
  const refunds = new Refunds(rig.pool);
  const terminals = new Terminals(rig.workers);
  const asks = new StepRequests(rig.workers);
  invariants = new InvariantCheck(
    new StoredInvariants(rig.workers),
    new QueueAgreement(queues, payments, refunds, { subscribers: ['orders'] }),
    new GatewayAgreement(payments, refunds, terminals, rig.client, asks, systemClock),
    terminals,
    systemClock,
    rig.log,
    { ...rig.config.invariants, gatewaySample: 5 },
    metrics,
  );
});
afterAll(async () => {
  await queues.close();
  await redis.close();
  await share.clear();
  await rig.stop();
});

/** Runs a check, and resolves with the number of violations of each kind so far. */
async function found(): Promise<Record<string, number>> {
  await invariants.check();
  const metric = await metrics.registry
    .getSingleMetric('quittance_invariant_violations_total')
    ?.get();
  const counts = (metric?.values ?? []).filter(({ value }) => value > 0);
  return Object.fromEntries(counts.map(({ labels, value }) => [labels['kind'], value]));
}

/** Resolves with a payment that was accepted, sent and approved. */
async function paid(): Promise<Payment> {
  const payment = await rig.accept();
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  await rig.submission().submit(payment.id);
  await rig.pool.query('DELETE FROM outbox');
  return payment;
}

it('finds nothing when all payments are sound', async () => {
  await paid();
  await rig.accept();
  expect(await found()).toEqual({});
  expect(await metrics.registry.metrics()).toContain(
    'quittance_invariant_violations_total{kind="sent_twice"} 0',
  );
});

/** Inserts a newly requested refund of the only payment. */
const REFUND = `
  UPDATE payment_intents SET refund_reserved_minor = amount_minor;
  INSERT INTO refunds (id, merchant_id, payment_id, reference, amount_minor, currency, status, version, epoch, inquiries,
    submit_before, created_at, updated_at)
  SELECT 're_1', merchant_id, id, 'RF-1', amount_minor, currency, 'queued', 1, 0, 0, now(), now(), now() FROM payment_intents;
  INSERT INTO refund_events (refund_id, sequence, status, cause, created_at, merchant_id, payment_id, payment_version, snapshot)
  SELECT 're_1', 1, 'queued', 'request', now(), merchant_id, id, version, '{}' FROM payment_intents`;

it.each([
  ['events_incomplete', 'DELETE FROM payment_events WHERE sequence = 2'],
  ['event_status_differs', `UPDATE payment_intents SET status = 'declined', failure_code = 'x'`],
  [
    'moves_do_not_follow',
    `UPDATE payment_events SET previous_status = 'expired' WHERE sequence = 3`,
  ],
  [
    'sent_twice',
    `INSERT INTO submission_attempts SELECT payment_id, number + 1, opened_at, deadline_at, closed_at, 'unknown'
     FROM submission_attempts`,
  ],
  ['submitting_without_attempt', `UPDATE payment_intents SET status = 'submitting'`],
  ['card_not_erased', `UPDATE payment_intents SET sealed_card = 'x'`],
  ['refunded_beyond_amount', 'UPDATE payment_intents SET refunded_minor = amount_minor + 1'],
  ['reserved_otherwise', 'UPDATE payment_intents SET refund_reserved_minor = 1'],
  [
    'refund_sent_twice',
    `${REFUND}; INSERT INTO refund_attempts SELECT 're_1', n, now(), now(), now(), 'unknown' FROM generate_series(1, 2) n`,
  ],
  ['refund_events_differ', `${REFUND}; DELETE FROM refund_events`],
  ['refund_events_differ', `${REFUND}; UPDATE refunds SET status = 'submitting'`],
  [
    'refund_events_differ',
    `${REFUND}; UPDATE refunds SET version = 2, status = 'submitting';
     INSERT INTO refund_events (refund_id, sequence, status, previous_status, cause, created_at, merchant_id, payment_id,
       payment_version, snapshot)
     SELECT refund_id, 2, 'submitting', 'accepted', cause, created_at, merchant_id, payment_id, payment_version, snapshot
     FROM refund_events`,
  ],
  ['stalled', `${REFUND}; UPDATE refunds SET next_step_at = now() - interval '11 minutes'`],
  [
    'stalled',
    `UPDATE payment_intents SET next_step_at = now() - interval '11 minutes', asks = 1, asks_answered = 0`,
  ],
  ['stalled', `UPDATE payment_intents SET next_step_at = now() - interval '25 hours'`],
  [
    'message_stuck',
    `INSERT INTO outbox (payment_id, sequence, created_at) SELECT id, 1, now() - interval '11 minutes' FROM payment_intents`,
  ],
  [
    'audit_broken',
    `INSERT INTO operator_actions (at, operator, action, subject_kind, subject_id)
       VALUES (now(), 'ann', 'keys revoke', 'api_key', 'key_1');
     SET LOCAL session_replication_role = replica; UPDATE operator_actions SET operator = 'eve'`,
  ],
])('finds %s', async (kind, plant) => {
  await paid();
  expect(await found()).toEqual({});
  await rig.pool.query(`BEGIN; ${plant}; COMMIT`);
  expect(await found()).toMatchObject({ [kind]: 1 });
});

it('does not report a watch that is hours behind as stalled', async () => {
  await paid();
  await rig.pool.query(`UPDATE payment_intents SET next_step_at = now() - interval '23 hours'`);
  expect(await found()).toEqual({});
});

describe('two payments with one transaction', () => {
  const oneTransaction = `UPDATE payment_intents SET trans_id = (SELECT min(trans_id) FROM payment_intents)`;

  it.each([
    ['at one gateway', ''],
    [
      'stored before transactions were unique',
      `UPDATE payment_intents SET gateway = NULL WHERE id = (SELECT max(id) FROM payment_intents)`,
    ],
  ])('are both reported: %s', async (_, plant) => {
    await paid();
    await paid();
    await rig.pool.query(
      `BEGIN; SET LOCAL session_replication_role = replica; ${oneTransaction}; ${plant}; COMMIT`,
    );
    expect(await found()).toMatchObject({ transaction_shared: 2 });
  });

  it('are not reported when they are at different gateways', async () => {
    await paid();
    await paid();
    await rig.pool.query(oneTransaction);
    await rig.pool.query(
      `UPDATE payment_intents SET gateway = 'other.example' WHERE id = (SELECT max(id) FROM payment_intents)`,
    );
    expect(await found()).not.toHaveProperty('transaction_shared');
  });
});

const UNKNOWN = '0'.repeat(26);

it.each([
  ['payment.submit.v1', 'default', { paymentId: `pi_${UNKNOWN}` }, 'job_without_payment'],
  ['payment.inquire.v1', undefined, { paymentId: `pi_${UNKNOWN}` }, 'job_without_payment'],
  ['payment.watch.v1', undefined, { paymentId: `pi_${UNKNOWN}` }, 'job_without_payment'],
  ['refund.advance.v1', undefined, { refundId: `re_${UNKNOWN}` }, 'job_without_refund'],
] as const)('finds a job %s for a record that does not exist', async (job, lane, payload, kind) => {
  const queue = queues.get(queueOf(job, lane));
  await queue.add(job, payload);
  expect(await found()).toEqual({ [kind]: 1 });
  await queue.obliterate({ force: true });
});

it('ignores a job of another program and does not report its contents', async () => {
  const queue = queues.get(queueOf('payment.inquire.v1'));
  await queue.addBulk([
    { name: 'payment.inquire.v1', data: { paymentId: '4012000033330026' } },
    { name: 'x', data: null },
  ]);
  expect(await found()).toEqual({});
  await queue.obliterate({ force: true });
});

it('reports no job for a record that exists', async () => {
  const payment = await paid();
  const refund = aRefundOf(payment);
  await new Refunds(rig.pool).request(refund);
  const ofRefund = queues.get(queueOf('refund.advance.v1'));
  const ofPayment = queues.get(queueOf('payment.inquire.v1'));
  await ofRefund.add('refund.advance.v1', { refundId: refund.id });
  await ofPayment.add('payment.inquire.v1', { paymentId: payment.id });
  expect(await found()).toEqual({});
  await ofRefund.obliterate({ force: true });
  await ofPayment.obliterate({ force: true });
});

it('finds an event whose job failed for good', async () => {
  const name = subscriberQueue('orders');
  await queues.get(name).add('payment.events.v1', { events: [] });
  const fail = () => Promise.reject(new Error('handler is broken'));
  const worker = new Worker(name, fail, { connection: redis.producer, prefix: share.prefix });
  await once(worker, 'failed');
  await worker.close();
  expect(await found()).toEqual({ event_given_up: 1 });
  await queues.get(name).obliterate({ force: true });
});

describe('compared with the gateway', () => {
  it.each([
    ['another final status', () => json(200, { ...transaction(last, '2') })],
    ['another amount', () => json(200, { ...transaction(last, '25'), bill_amt: '11.12' })],
    ['another reference', () => json(200, { ...transaction(last, '25'), reference: 'OTHER' })],
    ['no such transaction', () => json(200, {})],
  ])('finds %s', async (_, answer) => {
    last = await paid();
    rig.gateway.script = answer;
    expect(await found()).toEqual({ gateway_disagrees: 1 });
  });

  it('ignores a missing answer, and makes an inquiry about news due at once', async () => {
    last = await paid();
    rig.gateway.script = () => json(500, {});
    const before = Date.now();
    expect(await found()).toEqual({});
    expect((await rig.load(last)).nextStepAt?.getTime()).toBeGreaterThan(before);
    rig.gateway.script = () => json(200, transaction(last, '5'));
    expect(await found()).toEqual({});
    const { status, nextStepAt } = await rig.load(last);
    expect(status).toBe('succeeded');
    expect(nextStepAt?.getTime()).toBeLessThanOrEqual(Date.now());
    await rig.inquiry().inquire(last.id);
    expect(await rig.load(last)).toMatchObject({ status: 'chargedBack', transId: TRANS_ID });
  });

  it.each([
    ['a matching answer', () => json(200, transaction(last, '25'))],
    ['no answer', () => json(500, {})],
  ])('changes no row of a payment it checks: %s', async (_, answer) => {
    last = await paid();
    const before = await everyRow();
    rig.gateway.script = answer;
    for (let check = 0; check < 30; check += 1) await found();
    expect(rig.gateway.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1);
    expect(await everyRow()).toEqual(before);
  });

  it('changes no row of an accepted refund, and reports no violation', async () => {
    last = await paid();
    const refund = aRefundOf(last);
    await new Refunds(rig.pool).request(refund);
    rig.gateway.script = () => json(200, transaction(last, '8'));
    await rig.refunding().advance(refund.id);
    await rig.pool.query('DELETE FROM outbox');
    const before = await everyRow();
    expect(await found()).toEqual({});
    expect(await everyRow()).toEqual(before);
  });

  it('makes inquiries about a contradiction due without using up the watch', async () => {
    last = await paid();
    const { inquiries } = await rig.load(last);
    rig.gateway.script = () => json(200, transaction(last, '2'));
    for (let check = 0; check < 3; check += 1) {
      await found();
      expect((await rig.load(last)).nextStepAt?.getTime()).toBeLessThanOrEqual(Date.now());
      await rig.inquiry().inquire(last.id);
    }
    expect(await rig.load(last)).toMatchObject({ status: 'succeeded', inquiries });
  });

  it('reports nothing when the payment has changed since it was read', async () => {
    last = await paid();
    rig.gateway.script = async () => {
      await dispute(rig.pool, last);
      return json(200, transaction(last, '2'));
    };
    expect(await found()).toEqual({});
  });

  /** Resolves with every row about payments, with the transaction that wrote it. */
  async function everyRow() {
    const tables = [
      'payment_intents',
      'payment_events',
      'submission_attempts',
      'refunds',
      'outbox',
    ];
    return Promise.all(tables.map((table) => rig.rows(`SELECT xmin::text, * FROM ${table}`)));
  }

  let last: Payment;
});

it('counts a violation once, however often it is found', async () => {
  await paid();
  await rig.pool.query('UPDATE payment_intents SET refunded_minor = amount_minor + 1');
  await invariants.check();
  expect(await found()).toEqual({ refunded_beyond_amount: 1 });
});

it('walks through all payments slice by slice, and starts over', async () => {
  const ids = [await paid(), await paid(), await paid()].map(({ id }) => id).toSorted();
  const stored = new StoredInvariants(rig.workers);
  const slice = { limit: 2, stalledBefore: new Date(0) };
  const walk = [await stored.next(slice), await stored.next(slice), await stored.next(slice)];
  expect(walk.map(({ ended }) => ended.toSorted())).toEqual([
    ids.slice(0, 2),
    ids.slice(2),
    ids.slice(0, 2),
  ]);
});
