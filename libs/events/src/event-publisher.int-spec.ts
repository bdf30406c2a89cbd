import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createTestRedis } from '../../../test/support/redis.js';
import { paymentEventSchema } from './contract.js';
import { type EventBatch, EventPublisher, eventOf } from './event-publisher.js';
import { aMove } from './moves.fixture.js';

describe('EventPublisher', () => {
  const testRedis = createTestRedis();
  const { url, prefix } = testRedis;
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const publisher = new EventPublisher({ connection, prefix, subscribers: ['orders', 'ledger'] });
  const queues = ['events-orders', 'events-ledger'].map(
    (name) => new Queue(name, { connection, prefix }),
  );
  afterEach(() => Promise.all(queues.map((queue) => queue.drain())));
  afterAll(async () => {
    await Promise.all([publisher, ...queues].map((each) => each.close()));
    await testRedis.clear();
    await connection.quit();
  });

  const batches = async (queue: Queue | undefined) =>
    ((await queue?.getWaiting()) ?? []).map((job) => (job.data as EventBatch).events);

  it('adds all events, in order, to the queue of every subscriber', async () => {
    const moves = [aMove(), aMove(), aMove()];
    await publisher.publish(moves);
    for (const queue of queues) expect(await batches(queue)).toEqual([moves.map(eventOf)]);
  });

  it('puts at most a hundred events into a job', async () => {
    const moves = Array.from({ length: 250 }, () => aMove());
    await publisher.publish(moves);
    const published = await batches(queues[0]);
    expect(published.map((events) => events.length)).toEqual([100, 100, 50]);
    expect(published.flat()).toEqual(moves.map(eventOf));
  });

  it('publishes events that conform to the contract', async () => {
    await publisher.publish([aMove({ sequence: 2, previousStatus: 'submitting' })]);
    const [[event] = []] = await batches(queues[0]);
    expect(paymentEventSchema.safeParse(event).success).toBe(true);
  });

  it('adds no job without events', async () => {
    await publisher.publish([]);
    expect(await batches(queues[0])).toEqual([]);
  });

  it('rejects when Redis is unavailable, so that the outbox retains the events', async () => {
    const away = new Redis('redis://127.0.0.1:1', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    away.on('error', () => undefined);
    const cutOff = new EventPublisher({ connection: away, prefix, subscribers: ['orders'] });
    await expect(cutOff.publish([aMove()])).rejects.toThrow();
    await cutOff.close();
    away.disconnect();
  });
});
