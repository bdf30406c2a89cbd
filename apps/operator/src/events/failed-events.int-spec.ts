// Goal: an operator sees the events that a subscriber's handler could not process, and replays them
// exactly once. Method: a subscriber on a real queue whose handler throws until the test fixes it.
import { connectPaymentEvents, EventPublisher, type PublishedEvent } from '@quittance/events';
import { paymentIntentView } from '@quittance/payments';
import { createLogger, Metrics, Secret } from '@quittance/platform';
import { createHttpApp } from '@quittance/server';
import { Controller, Module } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { eventually } from '../../../../test/support/eventually.js';
import { aPayment } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { createTestRedis } from '../../../../test/support/redis.js';
import { CliRig } from '../../test/cli-rig.js';

const SUBSCRIBER = 'shop';
const share = createTestRedis();
const handled: string[] = [];
let isMended = false;

@Controller()
class Handlers {
  @EventPattern(['payment.*'])
  on(@Payload() event: PublishedEvent): void {
    if (!isMended) throw new Error('no such order');
    handled.push(event.id);
  }
}
@Module({ controllers: [Handlers] })
class Subscriber {}

let rig: CliRig;
let inbox: TestDatabase;
let pool: Pool;
let redis: Redis;
let publisher: EventPublisher;
let app: NestFastifyApplication;

beforeAll(async () => {
  [rig, inbox] = [await CliRig.start(), await createTestDatabase('orders')];
  pool = new Pool({ connectionString: inbox.url });
  redis = new Redis(share.url, { maxRetriesPerRequest: null });
  publisher = new EventPublisher({
    connection: redis,
    prefix: share.prefix,
    subscribers: [SUBSCRIBER],
    retry: { attempts: 2, firstDelayMs: 2 },
  });
  const log = createLogger({ name: 'test', level: 'silent' });
  app = await createHttpApp(Subscriber, { logger: log });
  await connectPaymentEvents(app, {
    subscriber: SUBSCRIBER,
    redisUrl: new Secret(share.url),
    prefix: share.prefix,
    database: pool,
    log,
    metrics: new Metrics(),
  });
});
afterAll(async () => {
  await app.close();
  await publisher.close();
  await redis.quit();
  await share.clear();
  await pool.end();
  await Promise.all([rig.stop(), inbox.drop()]);
});
beforeEach(() => {
  isMended = false;
  handled.length = 0;
});

const quittance = (...args: string[]) =>
  rig.runIn(
    { REDIS_URL: share.url, QUEUE_PREFIX: share.prefix, EVENT_SUBSCRIBERS: SUBSCRIBER },
    'events',
    ...args,
  );
const rowsOf = (out: string) => out.split('\n').filter((line) => line.startsWith(`${SUBSCRIBER}/`));

/** Publishes an event in a batch of its own. */
async function publish(): Promise<string> {
  const payment = aPayment();
  const snapshot = paymentIntentView(payment, 'main');
  const move = { sequence: 1, status: 'queued', previousStatus: null, cause: 'request' };
  const { id: paymentId, merchantId } = payment;
  await publisher.publish([{ paymentId, merchantId, ...move, at: new Date(), snapshot }]);
  return `evt_${payment.id.slice(3)}_1`;
}
async function failed(count: number): Promise<string[]> {
  return eventually(async () => {
    const rows = rowsOf((await quittance('failed')).out);
    expect(rows).toHaveLength(count);
    return rows;
  });
}

it('lists failed events with the reason, and replays them once the handler is fixed', async () => {
  const published = [await publish(), await publish(), await publish()];
  const rows = await failed(3);
  // The oldest failure comes first, which need not be the order of publishing.
  const events = rows.map((row) => row.split(/ {2,}/)[3] ?? '');
  expect(events.toSorted()).toEqual(published.toSorted());
  expect(rows[0]).toMatch(/ 2 +evt_.*no such order/);

  isMended = true;
  const [id = ''] = rows[0]?.split(' ') ?? [];
  expect(await quittance('replay', id)).toMatchObject({ exitCode: 0, out: '1\n' });
  await eventually(() => expect(handled).toEqual([events[0]]));
  expect((await quittance('replay', events[1] ?? 'none')).out).toBe('1\n');
  await eventually(() => expect(handled).toEqual(events.slice(0, 2)));
  expect((await quittance('replay', '--all')).out).toBe('1\n');
  await eventually(() => expect(handled).toEqual(events));
  await failed(0);
  expect((await quittance('replay', '--all')).out).toBe('0\n');
});

it('fails again, after all attempts, while the handler is broken', async () => {
  await publish();
  await failed(1);
  await quittance('replay', '--all');
  await failed(1);
  isMended = true;
  await quittance('replay', '--all');
  await eventually(() => expect(handled).toHaveLength(1));
});

it.each([
  [['replay'], 'Select an id'],
  [['replay', 'shop/1', '--all'], 'Select an id'],
  [['replay', 'evt_0'], 'No failed entry has or contains evt_0'],
  [['replay', 'shop/0'], 'No failed entry has or contains shop/0'],
  [['replay', 'other/1'], 'There is no subscriber "other"; EVENT_SUBSCRIBERS names shop.'],
  [['replay', '--from', '2026-01-01', '--all'], 'Select an id'],
  [['replay', '--all', '--dry-run'], '--until and --dry-run belong to --from.'],
  [['replay', '--from', '2026-01-01', '--subscriber', 'other'], 'There is no subscriber "other"'],
  [['replay', '--from', '01.02.2026'], 'A time has the form'],
  [['failed', '--subscriber', 'other'], 'There is no subscriber "other"'],
])('rejects %j: %s', async (args, words) => {
  const { exitCode, err } = await quittance(...args);
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining(words) });
});

it('reports that Redis is not configured or unreachable', async () => {
  expect((await rig.run('events', 'failed')).err).toMatch(/^REDIS_URL is not set/);
  const away = await rig.runIn({ REDIS_URL: 'redis://127.0.0.1:1/0' }, 'events', 'failed');
  expect(away).toMatchObject({
    exitCode: 1,
    err: 'Redis is unavailable (not connected); see REDIS_URL.\n',
  });
});

describe('replaying more entries than one operator may', () => {
  it('creates a proposal that a second operator approves', async () => {
    await publish();
    await publish();
    await failed(2);
    const queues = { REDIS_URL: share.url, QUEUE_PREFIX: share.prefix };
    const limit = { ...queues, EVENT_SUBSCRIBERS: SUBSCRIBER, FOUR_EYES_BULK_ABOVE: '1' };
    const unregistered = await rig.runIn(limit, 'events', 'replay', '--all');
    expect(unregistered.err).toContain('FOUR_EYES_BULK_ABOVE requires registered operators');

    const ann = await rig.addOperator('ann');
    const bob = await rig.addOperator('bob', { QUITTANCE_OPERATOR_KEY: ann });
    const as = (key: string, ...args: string[]) =>
      rig.runIn({ ...limit, QUITTANCE_OPERATOR_KEY: key }, ...args);
    isMended = true;
    const { out } = await as(ann, 'events', 'replay', '--all', '--why', 'handler mended');
    const id = /prp_\w+/.exec(out)?.[0] ?? '';
    await failed(2);
    expect((await as(ann, 'approve', id)).exitCode).toBe(1);
    expect((await as(bob, 'approve', id)).out).toBe('2\n');
    await eventually(() => expect(handled).toHaveLength(2));

    await failed(0);
    expect((await as(bob, 'approve', id)).err).toContain('already approved by bob');
    const { rows } = await rig.pool.query(
      `SELECT operator, proposed_by, why, before FROM operator_actions WHERE action = 'events replay' AND proposal_id = $1`,
      [id],
    );
    const row = { operator: 'bob', proposed_by: 'ann', why: 'handler mended' };
    expect(rows).toEqual([{ ...row, before: { failed: 2 } }]);
  });
});
