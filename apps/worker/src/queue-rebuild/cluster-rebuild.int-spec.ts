// Goal: in a Redis Cluster, a primary that loses its data leads to one refill of its queues alone.
// Method: a Cluster of the test without replicas, whose primaries are killed and start again empty.
import { subscriberQueue } from '@quittance/events';
import { Payments, QueueWatch } from '@quittance/persistence';
import { Secret } from '@quittance/platform';
import { queueOf, queuePrefix, QueueRegistry, RedisConnections } from '@quittance/queues';
import { eventually } from '../../../../test/support/eventually.js';
import { aPayment } from '../../../../test/support/payments.js';
import { RedisCluster } from '../../../../test/support/redis-cluster.js';
import { Session } from '../../../../tools/processes/session.js';
import { WorkerRig } from '../../test/worker-rig.js';
import type { WorkerLanes } from '../lanes/worker-lanes.js';
import { QueueRebuild } from './queue-rebuild.js';
import { UndeliveredEvents } from './undelivered-events.js';

const PREFIX = 'quittance';
const SUBSCRIBER = 'orders';
const EVENTS = subscriberQueue(SUBSCRIBER);
const LIMIT_MS = 120_000;

let rig: WorkerRig;
let session: Session;
let cluster: RedisCluster;
let redis: RedisConnections;
let queues: QueueRegistry;
let lane: string;
let rebuild: QueueRebuild;

beforeAll(async () => {
  rig = await WorkerRig.start();
}, LIMIT_MS);
beforeEach(async () => {
  await rig.reset();
  await rig.pool.query('TRUNCATE queue_watch, watched_queues');
  session = new Session();
  cluster = await RedisCluster.start(session, { replicas: 0 });
  redis = new RedisConnections({ url: new Secret(cluster.url), log: rig.log });
  await eventually(() => redis.check());
  queues = new QueueRegistry(redis, PREFIX);
  lane = await aLaneElsewhere();
  const lanes = { apply: async () => {}, names: async () => [lane] } as unknown as WorkerLanes;
  const undelivered = new UndeliveredEvents(queues, { subscribers: [SUBSCRIBER] });
  const clock = { now: () => new Date() };
  const settings = { prefix: PREFIX } as never;
  const watch = new QueueWatch(rig.workers);
  rebuild = new QueueRebuild(watch, redis, undelivered, lanes, clock, rig.log, settings);
}, LIMIT_MS);
afterEach(async () => {
  await queues?.close();
  await redis?.close();
  await session.stop();
}, LIMIT_MS);
afterAll(() => rig.stop());

const portOf = (queue: string) =>
  cluster.portOf(`${queuePrefix(redis.producer, PREFIX, queue)}:${queue}:meta`);
const submissions = () => queueOf('payment.submit.v1', lane);

/** A lane whose queue is on another primary than the events. */
async function aLaneElsewhere(): Promise<string> {
  for (let at = 0; ; at += 1) {
    const queue = queueOf('payment.submit.v1', `lane-${at}`);
    if ((await portOf(queue)) !== (await portOf(EVENTS))) return `lane-${at}`;
  }
}

/** Accepts a payment of the lane whose messages have left the outbox. */
async function acceptOne(): Promise<void> {
  const payment = aPayment({ createdAt: new Date() });
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  await rig.pool.query(`UPDATE payment_intents SET lane = $1, next_step_at = 'infinity'`, [lane]);
  await rig.pool.query('TRUNCATE outbox');
}

async function empty(queue: string): Promise<void> {
  const startAgain = await cluster.kill(await portOf(queue));
  await startAgain();
  await eventually(() => cluster.isWhole(), { limitMs: 60_000 });
}

const republished = async () => (await rig.rows('SELECT * FROM outbox')).length;
const due = async () =>
  (await rig.rows('SELECT * FROM payment_intents WHERE next_step_at <= now()')).length;
const refilled = async () => ({ events: await republished(), submissions: await due() });

it.each([
  ['events', () => EVENTS, { events: 1, submissions: 0 }],
  ['submissions', submissions, { events: 0, submissions: 1 }],
])(
  'refills only the %s whose primary came back empty',
  async (_, queue, expected) => {
    await eventually(() => rebuild.check());
    await acceptOne();
    await rebuild.check();
    expect(await refilled()).toEqual({ events: 0, submissions: 0 });
    await empty(queue());
    await eventually(() => rebuild.check());
    expect(await refilled()).toEqual(expected);
    await rig.pool.query('TRUNCATE outbox');
    await rebuild.check();
    expect(await republished()).toBe(0);
  },
  LIMIT_MS,
);

it('refills all queues after a change between one Redis and a Cluster', async () => {
  await new QueueWatch(rig.workers).refill('the run of one Redis', new Date());
  await acceptOne();
  await rebuild.check();
  expect(await refilled()).toEqual({ events: 1, submissions: 1 });
  await rig.pool.query('TRUNCATE outbox');
  // Marks and records of the Cluster are as it left them.
  await new QueueWatch(rig.workers).refill('the run of one Redis', new Date());
  await rig.pool.query('TRUNCATE outbox');
  await rebuild.check();
  expect(await refilled()).toEqual({ events: 1, submissions: 1 });
});
