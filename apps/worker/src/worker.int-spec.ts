// Goal: the worker's loops and lanes work, and its stop interrupts nothing. Method: the root module
// on a real Postgres and Redis with a scripted gateway. Time is real, so the tests wait for events
// and never for a fixed time.
import type { Payment } from '@quittance/payments';
import { Redis } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../test/support/redis.js';
import { json } from '../../../test/support/scripted-gateway.js';
import { pending, RefundRig } from '../test/refund-rig.js';
import { type RunningWorker, startWorker } from '../test/running-worker.js';
import { transaction, WorkerRig } from '../test/worker-rig.js';

let rig: WorkerRig;
let share: TestRedis;
let worker: RunningWorker | undefined;

beforeAll(async () => {
  rig = await WorkerRig.start();
  share = createTestRedis();
});
beforeEach(async () => {
  await rig.reset();
  approveAll();
});
afterEach(() => stop());
afterAll(async () => {
  await share.clear();
  await rig.stop();
});

/** Approves each payment by the reference in its request. */
function approveAll(): void {
  rig.gateway.script = ({ body }) => {
    const reference = new URLSearchParams(body).get('reference') ?? '';
    return json(200, transaction({ reference } as Payment, '25'));
  };
}

async function start(): Promise<void> {
  worker = await startWorker(rig, share);
}

async function stop(): Promise<void> {
  await worker?.stop();
  worker = undefined;
}

const becomes = (payment: Payment, status: string) =>
  eventually(async () => expect((await rig.load(payment)).status).toBe(status));

it('submits committed payments without another process', async () => {
  await start();
  const payment = await rig.accept();
  await becomes(payment, 'succeeded');
  expect(rig.gateway.creates).toHaveLength(1);
  await eventually(async () => expect(await rig.rows('SELECT id FROM outbox')).toEqual([]));
});

it('submits a queued payment whose job was lost when its step is due', async () => {
  const payment = await rig.accept({ nextStepAt: new Date(Date.now() + 500) });
  await rig.pool.query('TRUNCATE outbox');
  await start();
  await becomes(payment, 'succeeded');
});

it('submits a refund whose job was lost when its step is due', async () => {
  const refunds = new RefundRig(rig);
  const { payment, refund } = await refunds.ask({ nextStepAt: new Date(Date.now() + 500) });
  rig.gateway.script = () => json(200, pending(payment));
  await rig.pool.query('TRUNCATE outbox');
  await start();
  await eventually(async () => expect((await refunds.load(refund)).refund.status).toBe('accepted'));
  expect(refunds.sent()).toHaveLength(1);
});

it('retries at the due time in Postgres until the gateway is available', async () => {
  await rig.gateway.close();
  const payment = await rig.accept();
  await start();
  await eventually(async () =>
    expect((await rig.rows('SELECT number FROM submission_attempts')).length).toBeGreaterThan(1),
  );
  await rig.gateway.open();
  await becomes(payment, 'succeeded');
  expect(rig.gateway.creates).toHaveLength(1);
});

it('consumes a lane that appears at run time', async () => {
  await start();
  await rig.pool.query(`UPDATE terminals SET lane = 'new-lane'`);
  const payment = await rig.accept({ lane: 'new-lane' });
  await becomes(payment, 'succeeded');
});

it('waits for a submission in flight before it stops, and stores its reply', async () => {
  let answer: () => void = () => undefined;
  const payment = await rig.accept();
  rig.gateway.script = () =>
    new Promise((resolve) => {
      answer = () => resolve(json(200, transaction(payment, '25')));
    });
  await start();
  await eventually(() => expect(rig.gateway.creates).toHaveLength(1));
  let hasStopped = false;
  const stopping = worker!;
  const stopped = stop().then(() => {
    hasStopped = true;
  });
  // The worker takes jobs until its periodic work has ended. A payment that arrives later stays
  // queued for the next worker.
  await eventually(() => expect(stopping.takesJobs()).toBe(false));
  const later = await rig.accept();
  expect(hasStopped).toBe(false);
  answer();
  await stopped;
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' });
  expect(await rig.load(later)).toMatchObject({ status: 'queued' });
  expect(rig.gateway.creates).toHaveLength(1);
  // The worker that stored the reply has also relayed its event.
  expect(await rig.rows('SELECT id FROM outbox')).toEqual([]);
});

it('writes no card and no key to Redis', async () => {
  const payment = await rig.accept();
  const redis = new Redis(share.url);
  rig.gateway.script = () => 'silence';
  await start();
  await eventually(() => expect(rig.gateway.creates).toHaveLength(1));
  const seen = [];
  for (const key of await redis.keys(`${share.prefix}*`)) {
    seen.push((await redis.dumpBuffer(key))?.toString('latin1') ?? '');
  }
  await redis.quit();
  expect(seen.join('')).toContain(payment.id);
  expect(seen.join('')).not.toMatch(/4012000033330026|private-key/);
});
