// Goal: the settings of a lane hold for all workers together, whatever happens to Redis. Method:
// the worker's root module, once or twice, on a real Postgres and Redis, with a scripted gateway
// that counts the requests in flight. Settings are written to Postgres as the CLI writes them.
import type { Payment } from '@quittance/payments';
import { LaneHeartbeats } from '@quittance/persistence';
import { Secret } from '@quittance/platform';
import { queueOf, QueueRegistry, RedisConnections } from '@quittance/queues';
import { eventually } from '../../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { json } from '../../../../test/support/scripted-gateway.js';
import { type RunningWorker, startWorker } from '../../test/running-worker.js';
import { transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
let share: TestRedis;
let redis: RedisConnections;
let queues: QueueRegistry;
let workers: RunningWorker[];
let inFlight: number;
let mostInFlight: number;
let startedAt: number[];

beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(async () => {
  share = createTestRedis();
  redis = new RedisConnections({ url: new Secret(share.url), log: rig.log });
  await eventually(() => redis.check());
  queues = new QueueRegistry(redis, share.prefix);
  workers = [];
  [inFlight, mostInFlight, startedAt] = [0, 0, []];
  await rig.reset();
  rig.gateway.script = ({ body }) => {
    startedAt.push(performance.now());
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    const reference = new URLSearchParams(body).get('reference') ?? '';
    return new Promise((resolve) => {
      setTimeout(() => {
        inFlight -= 1;
        resolve(json(200, transaction({ reference } as Payment, '25')));
      }, 30);
    });
  };
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await queues.close();
  await redis.close();
  await share.clear();
});
afterAll(() => rig.stop());

const start = async () => void workers.push(await startWorker(rig, share));
const accept = (count: number) => Promise.all(Array.from({ length: count }, () => rig.accept()));
const submitted = async () =>
  (await rig.rows(`SELECT id FROM payment_intents WHERE status = 'succeeded'`)).length;
const allSubmitted = (count: number) =>
  eventually(async () => expect(await submitted()).toBe(count));
async function setLane(assignments: string): Promise<void> {
  await rig.pool.query(
    `INSERT INTO lanes (name, updated_at) VALUES ('default', now()) ON CONFLICT (name) DO NOTHING`,
  );
  await rig.pool.query(`UPDATE lanes SET ${assignments}`);
}
const pause = () => setLane(`paused_at = now(), paused_reason = 'maintenance', paused_by = 'ann'`);
const resume = () => setLane('paused_at = NULL, paused_reason = NULL, paused_by = NULL');
const submissions = () => queues.get(queueOf('payment.submit.v1', 'default'));

it('no submission starts once a pause is committed, although no worker has read it', async () => {
  const payment = await rig.accept();
  await pause();
  await expect(rig.submission().submit(payment.id)).rejects.toMatchObject({ code: 'lane_paused' });
  expect(rig.gateway.creates).toEqual([]);
  expect(await rig.load(payment)).toMatchObject({ status: 'queued', attempt: 0 });
});

it('a payment whose job was taken before its worker read the pause starts after the resume', async () => {
  await start();
  await accept(1);
  await allSubmitted(1);
  await pause();
  await accept(1);
  // Its job was put off, or waits in its place: the payment is due long after the resume.
  await eventually(async () => {
    const { delayed, prioritized } = await submissions().getJobCounts('delayed', 'prioritized');
    expect((delayed ?? 0) + (prioritized ?? 0)).toBe(1);
  });
  await rig.pool.query(
    `UPDATE payment_intents SET next_step_at = now() + interval '1 hour' WHERE status = 'queued'`,
  );
  await resume();
  await allSubmitted(2);
  expect(rig.gateway.creates).toHaveLength(2);
});

it('a submission is put off without an attempt while its worker knows of the pause', async () => {
  const payment = await rig.accept();
  const lane = { name: 'default', concurrency: null, ratePerSecond: null };
  rig.lanes.set([{ ...lane, pausedReason: 'maintenance' }]);
  await expect(rig.submission().submit(payment.id)).rejects.toMatchObject({ code: 'lane_paused' });
  rig.lanes.set([{ ...lane, pausedReason: null }]);
  await rig.submission().submit(payment.id);
  expect(rig.gateway.creates).toHaveLength(1);
});

it('a paused lane submits nothing, also after Redis was emptied, until it is resumed', async () => {
  await pause();
  await start();
  await accept(5);
  await eventually(async () => expect(await submissions().getPrioritizedCount()).toBe(5));
  await share.clear();
  // The refill has added the jobs again.
  await eventually(async () => expect(await submissions().getPrioritizedCount()).toBe(5));
  expect(rig.gateway.creates).toEqual([]);
  await resume();
  await allSubmitted(5);
  expect(rig.gateway.creates).toHaveLength(5);
});

it('all workers together have at most the lane’s concurrency in flight', async () => {
  await setLane('concurrency = 3');
  await start();
  await start();
  await accept(30);
  await allSubmitted(30);
  expect(mostInFlight).toBeLessThanOrEqual(3);
  expect(rig.gateway.creates).toHaveLength(30);
});

it('the concurrency is back in a Redis that was emptied before jobs are, and ends with its setting', async () => {
  await setLane('concurrency = 2');
  await start();
  await eventually(async () => expect(await submissions().getGlobalConcurrency()).toBe(2));
  await share.clear();
  await eventually(async () => expect(await submissions().getGlobalConcurrency()).toBe(2));
  await accept(10);
  await allSubmitted(10);
  expect(mostInFlight).toBeLessThanOrEqual(2);
  await setLane('concurrency = NULL');
  await eventually(async () => expect(await submissions().getGlobalConcurrency()).toBeNull());
});

it('all workers together start at most the lane’s rate in a second, without using attempts', async () => {
  await setLane('rate_per_second = 5');
  await start();
  await start();
  await accept(20);
  await allSubmitted(20);
  // The twentieth is in the fourth second at the earliest, and the first at the end of its own: two
  // seconds, less the time that its request takes on a busy machine.
  const [first = 0, last = 0] = [startedAt[0], startedAt.at(-1)];
  expect(last - first).toBeGreaterThan(1_000);
  const attempts = await rig.rows('SELECT number FROM submission_attempts');
  expect(attempts).toHaveLength(20);
  expect(await submissions().getFailedCount()).toBe(0);
});

it('the rate holds again after Redis was emptied, but for the present second', async () => {
  await setLane('rate_per_second = 5');
  await start();
  await start();
  await accept(25);
  await eventually(() => expect(startedAt.length).toBeGreaterThanOrEqual(5));
  await share.clear();
  await allSubmitted(25);
  // Five of the first second and, at most, five more; then three seconds, of which the first may
  // pass before the first request arrives.
  const [first = 0, last = 0] = [startedAt[0], startedAt.at(-1)];
  expect(last - first).toBeGreaterThan(1_000);
  expect(rig.gateway.creates).toHaveLength(25);
});

it('a payment put off by the rate takes its turn before those that came after it', async () => {
  await setLane('rate_per_second = 1');
  await start();
  const first = await rig.accept();
  await allSubmitted(1);
  const [second, third] = [await rig.accept(), await rig.accept()];
  await allSubmitted(3);
  const references = rig.gateway.creates.map(({ body }) =>
    new URLSearchParams(body).get('reference'),
  );
  expect(references).toEqual([first, second, third].map(({ reference }) => reference));
});

it('every worker shows the lanes that it serves, until it stops', async () => {
  const seen = async () => {
    const lanes = await new LaneHeartbeats(rig.workers).read();
    return lanes.map(({ lane, concurrency }) => ({ lane, concurrency }));
  };
  const shown = (concurrency: number) => ({ lane: 'default', concurrency });
  await start();
  expect(await seen()).toEqual([shown(256)]);
  await setLane('concurrency = 3');
  await start();
  await eventually(async () => expect(await seen()).toEqual([shown(3), shown(3)]));
  await workers.pop()?.stop();
  expect(await seen()).toEqual([shown(3)]);
  await workers.pop()?.stop();
  expect(await seen()).toEqual([]);
});

it('a worker shows that a lane’s rate is used up', async () => {
  await setLane('rate_per_second = 1');
  await start();
  await accept(30);
  await eventually(async () => {
    const [lane] = await new LaneHeartbeats(rig.workers).read();
    expect(lane?.limitedUntil).toBeInstanceOf(Date);
  });
  await setLane('rate_per_second = NULL');
  await allSubmitted(30);
});
