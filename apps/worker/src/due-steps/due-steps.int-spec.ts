// Goal: a step has one job however often it comes due, and another one when somebody asks for it from outside. Method: passes over a real
// Postgres and Redis without a worker, so that every job stays where it was put.
import { Asks, DuePayments, Payments, Refunds } from '@quittance/persistence';
import { Clock, Secret } from '@quittance/platform';
import { openQueues, type OpenedQueues, queueOf, RedisConnections } from '@quittance/queues';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import { WorkerRig } from '../../test/worker-rig.js';
import { DueSteps } from './due-steps.js';

let rig: WorkerRig;
let share: TestRedis;
let redis: RedisConnections;
let opened: OpenedQueues;

class SetClock extends Clock {
  at = new Date();
  override now(): Date {
    return this.at;
  }
}

const clock = new SetClock();

beforeAll(async () => {
  rig = await WorkerRig.start();
  share = createTestRedis();
  redis = new RedisConnections({ url: new Secret(share.url), log: rig.log });
  await redis.check();
  opened = openQueues(redis, share.prefix, rig.log);
});
beforeEach(async () => {
  await rig.reset();
  // Early in an hour: a later pass is in the same one, in which a step has one job.
  clock.at = new Date('2026-11-21T10:00:00.000Z');
});
afterEach(async () => {
  for (const name of opened.queues.names())
    await opened.queues.get(name).obliterate({ force: true });
});
afterAll(async () => {
  await opened.queues.close();
  await redis.close();
  await share.clear();
  await rig.stop();
});

const enqueue = () =>
  new DueSteps(
    new DuePayments(rig.workers),
    new Refunds(rig.pool),
    opened.producer,
    clock,
  ).enqueue();
const jobsOf = (...queue: Parameters<typeof queueOf>) =>
  opened.queues.get(queueOf(...queue)).getJobs(['waiting']);
/** The lease is over, and nobody has taken the job. */
const aMinuteLater = () => (clock.at = new Date(clock.at.getTime() + 61_000));

const inquiries = () => jobsOf('payment.inquire.v1');
const submissions = () => jobsOf('payment.submit.v1', 'default');
const refundSteps = () => jobsOf('refund.advance.v1');

it('gives an inquiry one job, and another one to whoever asks meanwhile', async () => {
  const nextStepAt = clock.now();
  const payment = await rig.accept({
    status: 'processing',
    transId: '1',
    epoch: 1,
    nextStepAt,
  });
  await enqueue();
  aMinuteLater();
  await enqueue();
  expect(await inquiries()).toHaveLength(1);
  await new Asks(rig.workers).payment(payment.id, clock.now());
  await enqueue();
  await enqueue();
  expect(await inquiries()).toHaveLength(2);
});

it('gives what a resumed terminal has waiting a job of its own, payments and refunds', async () => {
  const nextStepAt = clock.now();
  await rig.accept({ nextStepAt });
  const paid = aPaidPayment();
  await new Payments(rig.pool).accept({ payment: paid, terminalName: 'main', sealedCard: null });
  await new Refunds(rig.pool).request(aRefundOf(paid, { nextStepAt }));
  await enqueue();
  aMinuteLater();
  await enqueue();
  expect([await submissions(), await refundSteps()].map(({ length }) => length)).toEqual([1, 1]);
  await new Asks(rig.workers).queuedOf('ter_test', clock.now());
  await enqueue();
  expect([await submissions(), await refundSteps()].map(({ length }) => length)).toEqual([2, 2]);
});
