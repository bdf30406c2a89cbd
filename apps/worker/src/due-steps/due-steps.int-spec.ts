// Goal: a step has one job however often it comes due, and a second one after a request from
// outside. Method: passes over a real Postgres and Redis without a consumer, so that every job
// stays in its queue.
import { StepRequests, DuePayments, Payments, Refunds } from '@quittance/persistence';
import { Clock, Secret } from '@quittance/platform';
import {
  JobProducer,
  type NewJob,
  queueOf,
  QueueRegistry,
  RedisConnections,
} from '@quittance/queues';
import { eventually } from '../../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import { plantWatched } from '../../../../test/support/watched-payments.js';
import { WorkerRig } from '../../test/worker-rig.js';
import { DueSteps, RETRY_AFTER_MS, WATCHED_QUEUED_MAX } from './due-steps.js';

let rig: WorkerRig;
let share: TestRedis;
let redis: RedisConnections;
let queues: QueueRegistry;

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
  await eventually(() => redis.check());
  queues = new QueueRegistry(redis, share.prefix);
});
beforeEach(async () => {
  await rig.reset();
  // Early in an hour, so that a later pass is in the same hour, within which a step has one job.
  clock.at = new Date('2026-11-21T10:00:00.000Z');
});
afterEach(async () => {
  for (const name of queues.names()) await queues.get(name).obliterate({ force: true });
});
afterAll(async () => {
  await queues.close();
  await redis.close();
  await share.clear();
  await rig.stop();
});

const enqueue = (producer = new JobProducer(queues)) =>
  new DueSteps(new DuePayments(rig.workers), new Refunds(rig.pool), producer, clock).enqueue();
const jobsOf = (...queue: Parameters<typeof queueOf>) =>
  queues.get(queueOf(...queue)).getJobs(['prioritized']);
/** Lets the lease expire; no worker has taken the job. */
const aMinuteLater = () => (clock.at = new Date(clock.at.getTime() + 61_000));

const inquiries = () => jobsOf('payment.inquire.v1');
const submissions = () => jobsOf('payment.submit.v1', 'default');
const refundSteps = () => jobsOf('refund.advance.v1');

it('adds one job per inquiry, and another for a request in the meantime', async () => {
  const nextStepAt = clock.now();
  const payment = await rig.accept({
    status: 'processing',
    transId: '1',
    attempt: 1,
    nextStepAt,
  });
  await enqueue();
  aMinuteLater();
  await enqueue();
  expect(await inquiries()).toHaveLength(1);
  await new StepRequests(rig.workers).payment(payment.id, clock.now());
  await enqueue();
  await enqueue();
  expect(await inquiries()).toHaveLength(2);
});

describe('a payment that has been queued for an hour', () => {
  const later = (ms: number) => (clock.at = new Date(clock.at.getTime() + ms));
  const claimedUntil = async () => {
    const [row] = await rig.rows('SELECT next_step_at FROM payment_intents');
    return Number(row?.['next_step_at']) - clock.at.getTime();
  };
  beforeEach(async () => {
    const updatedAt = new Date(clock.at.getTime() - 3_600_000);
    await rig.accept({ nextStepAt: clock.now(), createdAt: updatedAt, updatedAt });
  });

  it('is claimed for ten minutes, so that a backlog in Redis costs few updates', async () => {
    await enqueue();
    expect(await claimedUntil()).toBe(600_000);
  });

  it('gets another job after that time when its job was lost', async () => {
    await enqueue();
    for (const name of queues.names()) await queues.get(name).obliterate({ force: true });
    later(599_999);
    await enqueue();
    expect(await submissions()).toEqual([]);
    later(1);
    await enqueue();
    expect(await submissions()).toHaveLength(1);
  });
});

it('claims a payment that was queued two minutes ago for two minutes', async () => {
  const updatedAt = new Date(clock.at.getTime() - 120_000);
  await rig.accept({ nextStepAt: clock.now(), createdAt: updatedAt, updatedAt });
  await enqueue();
  const [row] = await rig.rows('SELECT next_step_at FROM payment_intents');
  expect(row).toEqual({ next_step_at: new Date(clock.at.getTime() + 120_000) });
});

it('adds a new job for each waiting payment and refund of a resumed terminal', async () => {
  const nextStepAt = clock.now();
  await rig.accept({ nextStepAt });
  const paid = aPaidPayment();
  await new Payments(rig.pool).accept({ payment: paid, terminalName: 'main', sealedCard: null });
  await new Refunds(rig.pool).request(aRefundOf(paid, { nextStepAt }));
  await enqueue();
  aMinuteLater();
  await enqueue();
  expect([await submissions(), await refundSteps()].map(({ length }) => length)).toEqual([1, 1]);
  await new StepRequests(rig.workers).queuedOf('ter_test', clock.now());
  await enqueue();
  expect([await submissions(), await refundSteps()].map(({ length }) => length)).toEqual([2, 2]);
});

describe('when Redis rejects the jobs', () => {
  /** Behaves as with a Redis that responds but rejects writes. */
  class RejectedProducer extends JobProducer {
    override add(_jobs: readonly NewJob[]): Promise<void> {
      return Promise.reject(new Error('OOM command not allowed'));
    }
  }
  const rejected = () => enqueue(new RejectedProducer(queues));
  const laterBy = (ms: number) => (clock.at = new Date(clock.at.getTime() + ms));

  async function plantOneOfEachKind(): Promise<void> {
    const nextStepAt = clock.now();
    await rig.accept({ nextStepAt });
    await rig.accept({ status: 'processing', transId: '1', attempt: 1, nextStepAt });
    const paid = aPaidPayment();
    await new Payments(rig.pool).accept({ payment: paid, terminalName: 'main', sealedCard: null });
    await new Refunds(rig.pool).request(aRefundOf(paid, { nextStepAt }));
  }

  it('every step is due again after a pause, instead of after its lease', async () => {
    await plantOneOfEachKind();
    await expect(rejected()).rejects.toThrow('OOM');
    laterBy(RETRY_AFTER_MS - 1);
    await enqueue();
    expect([await submissions(), await inquiries(), await refundSteps()]).toEqual([[], [], []]);
    laterBy(1);
    await enqueue();
    const jobs = [await submissions(), await inquiries(), await refundSteps()];
    expect(jobs.map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  it('a payment that was queued long ago is due again as soon', async () => {
    const updatedAt = new Date(clock.at.getTime() - 3_600_000);
    await rig.accept({ nextStepAt: clock.now(), createdAt: updatedAt, updatedAt });
    await expect(rejected()).rejects.toThrow('OOM');
    laterBy(RETRY_AFTER_MS);
    await enqueue();
    expect(await submissions()).toHaveLength(1);
  });

  it('the watch is due again after the pause', async () => {
    await plantWatched(rig.pool, { count: 3, dueAt: clock.now() });
    await expect(rejected()).rejects.toThrow('OOM');
    laterBy(RETRY_AFTER_MS);
    await enqueue();
    expect(await jobsOf('payment.watch.v1')).toHaveLength(3);
  });

  it('a step that was taken in the meantime retains its new due time', async () => {
    const payment = await rig.accept({ nextStepAt: clock.now() });
    const movedTo = new Date(clock.at.getTime() + 3_600_000);
    class MovingProducer extends RejectedProducer {
      override async add(jobs: readonly NewJob[]): Promise<void> {
        const values = [payment.id, movedTo];
        await rig.pool.query('UPDATE payment_intents SET next_step_at = $2 WHERE id = $1', values);
        await super.add(jobs);
      }
    }
    await expect(enqueue(new MovingProducer(queues))).rejects.toThrow('OOM');
    const { rows } = await rig.pool.query('SELECT next_step_at FROM payment_intents');
    expect(rows).toEqual([{ next_step_at: movedTo }]);
  });
});

describe('with 20,000 ended payments due', () => {
  const doubt = () =>
    rig.accept({ status: 'inDoubt', doubtReason: 'no_reply', attempt: 1, nextStepAt: clock.now() });
  const waitingOf = async (...queue: Parameters<typeof queueOf>) =>
    (await queues.get(queueOf(...queue)).getJobCounts('prioritized'))['prioritized'];

  beforeEach(() =>
    plantWatched(rig.pool, { count: 20_000, dueAt: new Date(clock.now().getTime() - 3_600_000) }),
  );

  it('an open payment gets its job in the next pass, however late it came due', async () => {
    for (let pass = 0; pass < 5; pass += 1) {
      const [inDoubt, queued] = [await doubt(), await rig.accept({ nextStepAt: clock.now() })];
      expect(await enqueue()).toBeUndefined();
      const paymentsOf = async (queue: ReturnType<typeof inquiries>) =>
        (await queue).map(({ data }) => (data as { paymentId: string }).paymentId);
      expect(await paymentsOf(inquiries())).toContain(inDoubt.id);
      expect(await paymentsOf(submissions())).toContain(queued.id);
    }
  });

  it('the watch waits in Postgres for room in its queue', async () => {
    for (let pass = 0; pass < 5; pass += 1) await enqueue();
    expect(await waitingOf('payment.watch.v1')).toBe(WATCHED_QUEUED_MAX);
    // No job is taken and the leases expire: a full queue must not make passes claim again.
    aMinuteLater();
    const { rows: before } = await rig.pool.query(
      'SELECT id, xmin FROM payment_intents ORDER BY id',
    );
    await enqueue();
    const { rows: after } = await rig.pool.query(
      'SELECT id, xmin FROM payment_intents ORDER BY id',
    );
    expect(after).toEqual(before);
    expect(await waitingOf('payment.watch.v1')).toBe(WATCHED_QUEUED_MAX);
  });

  it('the watch follows only a pass that is not full of open payments', async () => {
    await rig.pool.query(
      `UPDATE payment_intents SET asks = 1 WHERE id = ANY (ARRAY(SELECT id FROM payment_intents ORDER BY id DESC LIMIT 120))`,
    );
    expect(await enqueue()).toBe('again');
    expect([await waitingOf('payment.inquire.v1'), await waitingOf('payment.watch.v1')]).toEqual([
      100, 0,
    ]);
    expect(await enqueue()).toBeUndefined();
    expect([await waitingOf('payment.inquire.v1'), await waitingOf('payment.watch.v1')]).toEqual([
      120, 500,
    ]);
  });
});
