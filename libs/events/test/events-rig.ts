// A subscriber for tests: a Nest application with the given handlers, on a database and a queue of its own.
import type { Type } from '@nestjs/common';
import { createHttpApp, createLogger, Metrics, Secret } from '@quittance/platform';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createTestDatabase } from '../../../test/support/postgres.js';
import { createTestRedis } from '../../../test/support/redis.js';
import { connectPaymentEvents } from '../src/connect-payment-events.js';
import { subscriberQueue } from '../src/contract.js';
import { EventPublisher } from '../src/event-publisher.js';
import type { PaymentMoved } from '../src/payment-moved.js';
import type { EventTransportOptions } from '../src/transport-options.js';

const SUBSCRIBER = 'test';
let paymentCount = 0;

/** A move with a payment of its own unless told otherwise. */
export function aMove(overrides: Partial<PaymentMoved> = {}): PaymentMoved {
  paymentCount += 1;
  const paymentId = `pi_${String(paymentCount).padStart(26, '0')}`;
  const at = new Date();
  const move = {
    paymentId,
    sequence: 1,
    status: 'succeeded',
    previousStatus: null,
    cause: 'reply',
    at,
  };
  const merged = { ...move, ...overrides };
  return { snapshot: aSnapshot(merged), ...merged };
}

function aSnapshot({ paymentId, sequence, status, at }: Omit<PaymentMoved, 'snapshot'>): object {
  return {
    id: paymentId,
    object: 'payment_intent',
    reference: `ORD-${paymentId.slice(-6)}`,
    terminal: 'main',
    livemode: false,
    amount: '11.11',
    currency: 'EUR',
    refunded_amount: '0.00',
    method: 'CC',
    status,
    next_action: null,
    card: { brand: 'visa', first6: '401200', last4: '0026' },
    gateway: null,
    failure: null,
    doubt_reason: null,
    flags: [],
    metadata: {},
    version: sequence,
    created_at: at.toISOString(),
    updated_at: at.toISOString(),
  };
}

/** What a test gets; see {@link startEventsRig}. */
export type EventsRig = Awaited<ReturnType<typeof startEventsRig>>;

/** Starts everything. Events are tried three times, with pauses of some milliseconds. */
export async function startEventsRig(handlers: Type, options: Partial<EventTransportOptions> = {}) {
  const testDatabase = await createTestDatabase('orders');
  const testRedis = createTestRedis();
  const database = new pg.Pool({ connectionString: testDatabase.url, max: 10 });
  database.on('error', () => undefined);
  await database.query('CREATE TABLE effects (event_id text NOT NULL)');
  const log = createLogger({ name: 'test', level: 'silent' });
  const metrics = new Metrics();
  const redis = new Redis(testRedis.url, { maxRetriesPerRequest: null });
  const publisher = new EventPublisher({
    connection: redis,
    prefix: testRedis.prefix,
    subscribers: [SUBSCRIBER],
    retry: { attempts: 3, firstDelayMs: 5 },
  });
  const queue = new Queue(subscriberQueue(SUBSCRIBER), {
    connection: redis,
    prefix: testRedis.prefix,
  });
  const start = async () => {
    const app = await createHttpApp(
      { module: class Root {}, controllers: [handlers] },
      { logger: log },
    );
    await connectPaymentEvents(app, {
      subscriber: SUBSCRIBER,
      redisUrl: new Secret(testRedis.url),
      prefix: testRedis.prefix,
      database,
      log,
      metrics,
      ...options,
    });
    return app;
  };
  const app = await start();
  return {
    publisher,
    queue,
    database,
    metrics,
    redis: { connection: redis, prefix: testRedis.prefix, subscriber: SUBSCRIBER },
    /** Ids of the events whose effect was committed, in the order of the commits. */
    effects: async () => {
      const { rows } = await database.query<{ event_id: string }>('SELECT event_id FROM effects');
      return rows.map((row) => row.event_id);
    },
    stop: async () => {
      await app.close();
      await publisher.close();
      await queue.close();
      await redis.quit();
      await testRedis.clear();
      await database.end();
      await testDatabase.drop();
    },
  };
}
