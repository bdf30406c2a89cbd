// Goal: a replay of a time hands over exactly the events of that time, in order, to the chosen
// subscriber alone, in bounded batches, and survives a failure of Redis and several workers at
// once. Method: real rows and queues, with the worker's rights; no process consumes the queues.
import { EventPublisher, eventId, type PublishedEvent, subscriberQueue } from '@quittance/events';
import { EventReplays, insertEventReplay, Payments, PrismaService } from '@quittance/persistence';
import { Secret } from '@quittance/platform';
import { QueueRegistry, RedisConnections } from '@quittance/queues';
import { eventually } from '../../../../test/support/eventually.js';
import { aPayment } from '../../../../test/support/payments.js';
import { createTestRedis } from '../../../../test/support/redis.js';
import { WorkerRig } from '../../test/worker-rig.js';
import { EventReplayPass } from './event-replay-pass.js';

const SUBSCRIBERS = ['orders', 'ledger'];
const BEGIN = Date.parse('2026-03-01T12:00:00.000Z');
const at = (second: number) => new Date(BEGIN + second * 1_000);
const share = createTestRedis();
let rig: WorkerRig;
let prisma: PrismaService;
let redis: RedisConnections;
let queues: QueueRegistry;
let publisher: EventPublisher;

beforeAll(async () => {
  rig = await WorkerRig.start();
  prisma = new PrismaService(rig.pool);
  redis = new RedisConnections({ url: new Secret(share.url), log: rig.log });
  await eventually(() => redis.check());
  queues = new QueueRegistry(redis, share.prefix);
  const connection = redis.producer;
  publisher = new EventPublisher({ connection, prefix: share.prefix, subscribers: SUBSCRIBERS });
});
beforeEach(async () => {
  await rig.reset();
  await rig.pool.query('TRUNCATE event_replays');
  for (const name of SUBSCRIBERS) await queues.get(subscriberQueue(name)).drain();
});
afterAll(async () => {
  await publisher.close();
  await queues.close();
  await redis.close();
  await share.clear();
  await prisma.$disconnect();
  await rig.stop();
});

/** Accepts a payment in each of these seconds; returns the ids of the events. */
async function acceptAt(seconds: readonly number[]): Promise<string[]> {
  const payments = new Payments(rig.pool);
  return Promise.all(
    seconds.map(async (second) => {
      const payment = aPayment({ createdAt: at(second) });
      await payments.accept({ payment, terminalName: 'main', sealedCard: null });
      return eventId(payment.id, 1);
    }),
  );
}
let requested = 0;
async function request(from: number, until: number, subscriber: string | null = null) {
  requested += 1;
  const id = `rpl_${requested}`;
  const span = { from: at(from), until: at(until) };
  const by = { requestedBy: 'ann', requestedAt: new Date(BEGIN + requested) };
  await prisma.$transaction((tx) => insertEventReplay(tx, { id, subscriber, ...span, ...by }));
  return id;
}
const pass = (publishing: Pick<EventPublisher, 'publish'> = publisher) =>
  new EventReplayPass(
    new EventReplays(rig.workers),
    publishing as EventPublisher,
    queues,
    { subscribers: SUBSCRIBERS },
    rig.log,
  );
async function runDry(one = pass()): Promise<void> {
  while ((await one.replay()) === 'again');
}
async function received(subscriber: string): Promise<string[]> {
  const jobs = await queues.get(subscriberQueue(subscriber)).getJobs(['waiting'], 0, -1, true);
  return jobs.flatMap(({ data }) =>
    (data as { events: PublishedEvent[] }).events.map(({ id }) => id),
  );
}
const replay = async (id: string) =>
  (await rig.rows(`SELECT replayed::int, ended_at FROM event_replays WHERE id = '${id}'`))[0];

it('hands over the events of the time alone, in their order, to the chosen subscriber', async () => {
  const events = await acceptAt([1, 2, 3, 4, 5]);
  const id = await request(2, 5, 'ledger');
  await runDry();
  expect(await received('ledger')).toEqual(events.slice(1, 4));
  expect(await received('orders')).toEqual([]);
  expect(await replay(id)).toEqual({ replayed: 3, ended_at: expect.any(Date) });
});

it('orders no submission: the outbox stays as it was', async () => {
  await acceptAt([1]);
  const before = await rig.rows('SELECT id FROM outbox');
  await request(0, 10);
  await runDry();
  expect(await rig.rows('SELECT id FROM outbox')).toEqual(before);
  expect(await received('orders')).toHaveLength(1);
  expect(await received('ledger')).toHaveLength(1);
});

it('takes every event of one instant once, batch after batch, with two workers', async () => {
  const events = await acceptAt([
    ...Array.from({ length: 1_100 }, () => 3),
    ...Array.from({ length: 150 }, (_, count) => 4 + count * 60),
  ]);
  const id = await request(0, 20_000, 'orders');
  await Promise.all([runDry(), runDry()]);
  await runDry();
  const got = await received('orders');
  expect(got.toSorted()).toEqual(events.toSorted());
  expect(await replay(id)).toMatchObject({ replayed: 1_250, ended_at: expect.any(Date) });
});

it('pauses while the subscriber is behind', async () => {
  await acceptAt(Array.from({ length: 600 }, (_, second) => second));
  const id = await request(0, 1_000, 'orders');
  const queue = queues.get(subscriberQueue('orders'));
  await queue.addBulk(Array.from({ length: 25 }, () => ({ name: 'one', data: { events: [] } })));
  expect(await pass().replay()).toBeUndefined();
  const before = await replay(id);
  expect(before).toMatchObject({ ended_at: null });
  await queue.drain();
  await runDry();
  expect(await replay(id)).toMatchObject({ replayed: 600 });
});

it('stays where it was when Redis refuses, and goes on', async () => {
  const events = await acceptAt([1, 2]);
  const id = await request(0, 10, 'orders');
  const refusing = { publish: () => Promise.reject(new Error('READONLY')) };
  await expect(pass(refusing).replay()).rejects.toThrow('READONLY');
  expect(await replay(id)).toEqual({ replayed: 0, ended_at: null });
  await runDry();
  expect(await received('orders')).toEqual(events);
});

it('reads a shorter time after Postgres has cancelled a batch, whatever the density', async () => {
  const widths: number[] = [];
  const cancelling = {
    step: ({ widthMs }: { widthMs: number }) => {
      widths.push(widthMs);
      return Promise.reject(new Error('canceling statement due to statement timeout'));
    },
  };
  const one = new EventReplayPass(
    cancelling as unknown as EventReplays,
    publisher,
    queues,
    { subscribers: SUBSCRIBERS },
    rig.log,
  );
  for (let count = 0; count < 4; count += 1) await expect(one.replay()).rejects.toThrow('timeout');
  expect(widths).toEqual([60_000, 3_750, 1_000, 1_000]);
});

it('leaves a replay for a subscriber of other processes', async () => {
  await acceptAt([1]);
  const id = await request(0, 10, 'archive');
  expect(await pass().replay()).toBeUndefined();
  expect(await replay(id)).toMatchObject({ ended_at: null });
});

it('counts, up to a limit, and knows the time of an event', async () => {
  const [first = ''] = await acceptAt([1, 2, 3]);
  const replays = new EventReplays(rig.workers);
  expect(await replays.count({ from: at(1), until: at(3) }, 100)).toBe(2);
  expect(await replays.count({ from: at(0), until: at(9) }, 2)).toBe(2);
  expect(await replays.timeOf(first)).toEqual(at(1));
  expect(await replays.timeOf('evt_none_1')).toBeUndefined();
  expect(await replays.timeOf(`evt_'; DROP_1`)).toBeUndefined();
});
