// A subscriber for tests: a Nest application with the given handlers, with a database and a queue
// of its own.
import { Controller, Module, type Type } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { createLogger, Metrics, newId, Secret } from '@quittance/platform';
import { createHttpApp } from '@quittance/server';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createTestDatabase } from '../../../test/support/postgres.js';
import { createTestRedis } from '../../../test/support/redis.js';
import { connectPaymentEvents } from './event-transport.js';
import type { EventTransportOptions } from './event-transport-options.js';
import { type PublishedEvent, subscriberQueue } from './contract.js';
import type { EventDelivery } from './event-inbox.js';
import { EventPublisher, type Moved } from './event-publisher.js';
import { listFailed, replayFailed } from './failed-events.js';

/** The rig of a test; see {@link startEventsRig}. */
export type EventsRig = Awaited<ReturnType<typeof startEventsRig>>;

/** The function that a test's handler runs. */
export type Handle = (event: PublishedEvent, delivery: EventDelivery) => Promise<void>;

/** The effect of a handler: one row per event, in the delivery's transaction. */
export const leaveEffect: Handle = async (event, { transaction }) => {
  await transaction.query('INSERT INTO effects (event_id) VALUES ($1)', [event.id]);
};

/** Returns a controller whose handler receives every event. */
export function handlerOf(handle: Handle): Type {
  @Controller()
  class Handler {
    @EventPattern(['payment.*'])
    on(@Payload() event: PublishedEvent, @Ctx() delivery: EventDelivery): Promise<void> {
      return handle(event, delivery);
    }
  }
  return Handler;
}

/**
 * Starts everything but the subscriber. Events have three attempts, with pauses of some
 * milliseconds.
 */
export async function startEventsRig() {
  const testDatabase = await createTestDatabase('orders');
  const testRedis = createTestRedis();
  const database = new pg.Pool({ connectionString: testDatabase.url, max: 10 });
  database.on('error', () => undefined);
  await database.query('CREATE TABLE effects (event_id text NOT NULL)');
  const log = createLogger({ name: 'test', level: 'silent' });
  const redis = new Redis(testRedis.url, { maxRetriesPerRequest: null });
  const { prefix } = testRedis;
  let subscriber = '';
  let opened: { publisher: EventPublisher; queue: Queue } | undefined;
  const apps: { close(): Promise<void> }[] = [];
  const inUse = () => {
    if (!opened) throw new Error('call subscribe first');
    return opened;
  };
  const end = async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await opened?.publisher.close();
    await opened?.queue.close();
  };
  return {
    database,
    /** Starts a subscriber with a queue of its own; the previous one ends. */
    subscribe: async (handlers: Type, options: Partial<EventTransportOptions> = {}) => {
      await end();
      await database.query('TRUNCATE effects, event_inbox');
      subscriber = newId('sub').replace('_', '-');
      opened = {
        publisher: new EventPublisher({
          connection: redis,
          prefix,
          subscribers: [subscriber],
          retry: { attempts: 3, firstDelayMs: 2 },
        }),
        queue: new Queue(subscriberQueue(subscriber), { connection: redis, prefix }),
      };
      const metrics = new Metrics();
      @Module({ controllers: [handlers] })
      class Subscriber {}
      const app = await createHttpApp(Subscriber, { logger: log });
      apps.push(app);
      const redisUrl = new Secret(testRedis.url);
      const common = { subscriber, redisUrl, prefix, database, log, metrics };
      const transport = await connectPaymentEvents(app, { ...common, ...options });
      return { app, metrics, transport };
    },
    publish: (...moves: Moved[]) => inUse().publisher.publish(moves),
    /** Replays the failed set, as the operator does. */
    replay: () => replayFailed({ connection: redis, prefix, subscriber }),
    failed: (limit: number) => listFailed({ connection: redis, prefix, subscriber }, limit),
    counts: () => inUse().queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
    queue: () => inUse().queue,
    /** The keys of the rig's share of Redis that contain `part`. */
    keys: (part: string) => redis.keys(`${prefix}*${part}*`),
    /** The ids of the events whose effect was committed. */
    effects: async (): Promise<string[]> => {
      const { rows } = await database.query<{ event_id: string }>('SELECT event_id FROM effects');
      return rows.map((row) => row.event_id);
    },
    stop: async () => {
      await end();
      await redis.quit();
      await testRedis.clear();
      await database.end();
      await testDatabase.drop();
    },
  };
}

/** Returns the value of a metric without labels, or the sum over its labels. */
export async function metricOf(metrics: Metrics, name: string): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(`quittance_${name}`)?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}
