// Goal: every way in which Redis can lose jobs leads to one refill from Postgres, and no other look
// does. Method: a Redis of the test that it empties and gives another history, as a failover does.
import { EventPublisher, subscriberQueue } from '@quittance/events';
import { Payments, QueueWatch } from '@quittance/persistence';
import { Secret } from '@quittance/platform';
import { QueueRegistry, RedisConnections } from '@quittance/queues';
import { Redis } from 'ioredis';
import { eventually } from '../../../../test/support/eventually.js';
import { aPayment } from '../../../../test/support/payments.js';
import { type PrivateRedis, startPrivateRedis } from '../../../../test/support/redis.js';
import { WorkerRig } from '../../test/worker-rig.js';
import type { WorkerLanes } from '../lanes/worker-lanes.js';
import { QueueRebuild } from './queue-rebuild.js';
import { UndeliveredEvents } from './undelivered-events.js';

const PREFIX = 'quittance';
const SUBSCRIBER = 'orders';
/** Later than the instants of the events, and more than a note lasts. */
const LATER_MS = 3_600_000;

let rig: WorkerRig;
let server: PrivateRedis;
let client: Redis;
let redis: RedisConnections;
let queues: QueueRegistry;
let watch: QueueWatch;
let now: number;

beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(async () => {
  await rig.reset();
  await rig.pool.query('TRUNCATE queue_watch');
  server = await startPrivateRedis(['--enable-debug-command', 'yes']);
  client = new Redis(server.url);
  redis = new RedisConnections({ url: new Secret(server.url), log: rig.log });
  await eventually(() => redis.check());
  queues = new QueueRegistry(redis, PREFIX);
  watch = new QueueWatch(rig.workers);
  now = Date.now();
});
afterEach(async () => {
  await queues.close();
  await redis.close();
  client.disconnect();
  await server.stop();
});
afterAll(() => rig.stop());

const lanes = { apply: async () => {} } as unknown as WorkerLanes;

/** Another process of the worker; `beforeOldest` runs between its look at Redis and its note. */
function aRebuild(beforeOldest: () => Promise<unknown> = async () => {}): QueueRebuild {
  const undelivered = new UndeliveredEvents(queues, { subscribers: [SUBSCRIBER] });
  const oldest = undelivered.oldest.bind(undelivered);
  undelivered.oldest = async (at) => {
    await beforeOldest();
    return oldest(at);
  };
  const clock = { now: () => new Date(now) };
  return new QueueRebuild(watch, redis, undelivered, lanes, clock, rig.log, {
    prefix: PREFIX,
  } as never);
}

/** Accepts a payment whose event has left the outbox. */
async function publishOne(): Promise<void> {
  const payment = aPayment({ createdAt: new Date(now) });
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  await rig.pool.query('TRUNCATE outbox');
  const publisher = new EventPublisher({
    connection: redis.producer,
    prefix: PREFIX,
    subscribers: [SUBSCRIBER],
  });
  const { id: paymentId, merchantId } = payment;
  await publisher.publish([
    {
      paymentId,
      merchantId,
      sequence: 1,
      status: 'queued',
      previousStatus: null,
      cause: 'request',
      at: new Date(now),
      snapshot: {},
    },
  ]);
  await publisher.close();
}

const inOutbox = async () => (await rig.rows('SELECT * FROM outbox')).length;

it.each([
  ['was emptied', () => client.flushall()],
  ['is primary again after another one was', () => client.call('DEBUG', 'CHANGE-REPL-ID')],
])('refills once from a Redis that %s', async (_, lose) => {
  const rebuild = aRebuild();
  await rebuild.check();
  await publishOne();
  await rebuild.check();
  expect(await inOutbox()).toBe(0);
  await lose();
  await rebuild.check();
  expect(await inOutbox()).toBe(1);
  await rig.pool.query('TRUNCATE outbox');
  await rebuild.check();
  expect(await inOutbox()).toBe(0);
});

it('accepts the mark of a version that knew no histories, and completes it', async () => {
  await aRebuild().check();
  await client.del(`${PREFIX}:history`);
  await publishOne();
  await aRebuild().check();
  expect(await inOutbox()).toBe(0);
  await client.call('DEBUG', 'CHANGE-REPL-ID');
  await aRebuild().check();
  expect(await inOutbox()).toBe(1);
});

it('does not take events for handled that Redis lost between two looks', async () => {
  await aRebuild().check();
  await publishOne();
  now += LATER_MS;
  await aRebuild(() => client.flushall()).check();
  await aRebuild().check();
  expect(await inOutbox()).toBe(1);
});

it('does not republish what was handled', async () => {
  await aRebuild().check();
  await publishOne();
  now += LATER_MS;
  await queues.get(subscriberQueue(SUBSCRIBER)).drain();
  await aRebuild().check();
  await client.flushall();
  await aRebuild().check();
  expect(await inOutbox()).toBe(0);
});
