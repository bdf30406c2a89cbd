// The running order domain: events arrive through its queue, and HTTP shows its orders.
import { EventPublisher, type Moved } from '@quittance/events';
import { createLogger, loadConfig } from '@quittance/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Redis } from 'ioredis';
import pg from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createTestRedis } from '../../../test/support/redis.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { ordersConfig } from './config.js';
import { createApp } from './create-app.js';

const log = createLogger({ name: 'test', level: 'silent' });
const PAYMENT = `pi_${'0'.repeat(25)}1`;

describe('the order domain', () => {
  const testRedis = createTestRedis();
  const redis = new Redis(testRedis.url, { maxRetriesPerRequest: null });
  const { prefix } = testRedis;
  const publisher = new EventPublisher({ connection: redis, prefix, subscribers: ['orders'] });
  let testDatabase: TestDatabase;
  let database: pg.Client;
  let app: NestFastifyApplication;
  let url: string;
  let link: SeverableLink;
  beforeAll(async () => {
    testDatabase = await createTestDatabase('orders');
    database = new pg.Client({ connectionString: testDatabase.url });
    database.on('error', () => undefined);
    await database.connect();
    link = await linkTo(testDatabase.urlAs('orders'));
    const env = { ORDERS_DATABASE_URL: link.url, REDIS_URL: testRedis.url };
    const config = loadConfig(ordersConfig, { ...env, QUEUE_PREFIX: prefix });
    app = await createApp(config, { logger: log });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  beforeEach(() => database.query('TRUNCATE orders, order_refunds, event_inbox'));
  afterAll(async () => {
    await app.close();
    await link.cut();
    await publisher.close();
    await testRedis.clear();
    await redis.quit();
    await database.end();
    await testDatabase.drop();
  });

  const move = (
    sequence: number,
    status: string,
    paymentId = PAYMENT,
    merchantId = 'mer_one',
  ): Moved => ({
    paymentId,
    merchantId,
    sequence,
    status,
    previousStatus: sequence === 1 ? null : 'submitting',
    cause: 'reply',
    at: new Date('2026-01-01T10:00:00Z'),
    snapshot: { id: paymentId, reference: 'ORD-1', status },
  });
  const get = (path: string) => fetch(`${url}${path}`);
  const order = async (): Promise<Record<string, unknown>> => {
    const response = await get('/orders/ORD-1');
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };
  const row = async () => {
    const { rows } = await database.query(
      'SELECT payment_status AS status, sequence, fulfilment FROM orders',
    );
    return rows as unknown[];
  };

  it('returns an order with its events in their order', async () => {
    await publisher.publish([move(2, 'submitting'), move(1, 'queued')]);
    const known = await eventually(order);
    expect(known).toEqual({
      merchant: 'mer_one',
      reference: 'ORD-1',
      payment_intent_id: PAYMENT,
      payment_status: 'submitting',
      sequence: 2,
      events: [
        {
          id: `evt_${PAYMENT.slice(3)}_1`,
          type: 'payment.queued.v1',
          sequence: 1,
          received_at: expect.any(String),
        },
        {
          id: `evt_${PAYMENT.slice(3)}_2`,
          type: 'payment.submitting.v1',
          sequence: 2,
          received_at: expect.any(String),
        },
      ],
      refunds: [],
      order_id: null,
      fulfilment: 'waiting',
      payments: [
        {
          reference: 'ORD-1',
          payment_intent_id: PAYMENT,
          payment_status: 'submitting',
          fulfilment: 'waiting',
          is_surplus: false,
        },
      ],
    });
    const [event] = known['events'] as { received_at: string }[];
    expect(event?.received_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('follows the highest sequence, in whatever order events arrive', async () => {
    await publisher.publish([move(4, 'refunded')]);
    await eventually(async () => expect(await row()).toHaveLength(1));
    await publisher.publish([move(3, 'succeeded'), move(1, 'queued')]);
    await eventually(async () => expect((await order())['events']).toHaveLength(3));
    expect(await row()).toEqual([{ status: 'refunded', sequence: 4, fulfilment: 'recalled' }]);
  });

  it.each([
    ['in_doubt', 'waiting'],
    ['succeeded', 'paid'],
    ['partially_refunded', 'paid'],
    ['declined', 'released'],
    ['charged_back', 'recalled'],
  ])('interprets %s as: the goods are %s', async (status, fulfilment) => {
    await publisher.publish([move(1, 'queued'), move(2, status)]);
    await eventually(async () =>
      expect(await row()).toEqual([{ status, sequence: 2, fulfilment }]),
    );
  });

  const REFUND = `re_${'0'.repeat(25)}1`;
  const refundMove = (sequence: number, status: string): Moved => ({
    ...move(sequence, status),
    previousStatus: sequence === 1 ? null : 'pending',
    snapshot: { id: PAYMENT, reference: 'ORD-1', status: 'succeeded' },
    refund: {
      id: REFUND,
      snapshot: {
        id: REFUND,
        payment_intent: PAYMENT,
        reference: 'RF-1',
        amount: '5.00',
        currency: 'EUR',
        status,
      },
    },
  });

  it('shows an order’s refund with its own events, in whatever order they arrive', async () => {
    await publisher.publish([move(1, 'queued'), refundMove(3, 'in_doubt')]);
    const refund = {
      id: REFUND,
      reference: 'RF-1',
      amount: '5.00',
      currency: 'EUR',
      status: 'in_doubt',
      sequence: 3,
    };
    await eventually(async () => expect(await order()).toMatchObject({ refunds: [refund] }));
    await publisher.publish([refundMove(2, 'submitting'), refundMove(1, 'pending')]);
    await eventually(async () =>
      expect(await order()).toMatchObject({
        sequence: 1,
        events: [{ type: 'payment.queued.v1' }],
        refunds: [
          {
            ...refund,
            events: [
              { id: `evt_${REFUND.slice(3)}_1`, type: 'refund.pending.v1', sequence: 1 },
              { type: 'refund.submitting.v1', received_at: expect.stringMatching(/Z$/) },
              { type: 'refund.in_doubt.v1' },
            ],
          },
        ],
      }),
    );
    // The payment's events decide about the goods, not the refund's.
    expect(await row()).toEqual([{ status: 'queued', sequence: 1, fulfilment: 'waiting' }]);
  });

  /** The `sequence`-th transition of the try `number` to pay the order ORDER-7. */
  const tryToPay = (number: number, sequence: number, status: string, at: string): Moved => {
    const id = `pi_${'0'.repeat(25)}${number}`;
    const snapshot = { id, reference: `TRY-${number}`, order_id: 'ORDER-7', status };
    return { ...move(sequence, status, id), at: new Date(at), snapshot };
  };
  const ORDER_PAYMENTS = 'SELECT payment_intent_id FROM orders WHERE order_id IS NOT NULL';

  it('pays an order once, whichever try succeeds, and flags a second success', async () => {
    await publisher.publish([
      tryToPay(1, 1, 'declined', '2026-01-01T10:00:00Z'),
      tryToPay(2, 1, 'succeeded', '2026-01-01T10:02:00Z'),
      tryToPay(3, 1, 'succeeded', '2026-01-01T10:01:00Z'),
    ]);
    await eventually(async () => expect((await database.query(ORDER_PAYMENTS)).rowCount).toBe(3));
    const found = (await (await get('/orders/ORDER-7')).json()) as object;
    expect(found).toMatchObject({
      order_id: 'ORDER-7',
      fulfilment: 'paid',
      reference: 'TRY-3',
      payments: [
        { reference: 'TRY-1', fulfilment: 'released', is_surplus: false },
        { reference: 'TRY-2', fulfilment: 'paid', is_surplus: true },
        { reference: 'TRY-3', fulfilment: 'paid', is_surplus: false },
      ],
    });
    const byReference = (await (await get('/orders/TRY-1')).json()) as object;
    expect(byReference).toMatchObject({ reference: 'TRY-1', fulfilment: 'paid' });
    await publisher.publish([tryToPay(3, 2, 'refunded', '2026-01-01T11:00:00Z')]);
    await eventually(async () =>
      expect(await (await get('/orders/ORDER-7')).json()).toMatchObject({
        fulfilment: 'paid',
        reference: 'TRY-2',
        payments: [{}, { is_surplus: false }, { fulfilment: 'recalled', is_surplus: false }],
      }),
    );
  });

  it('keeps the time of the first success through later transitions', async () => {
    await publisher.publish([tryToPay(1, 1, 'succeeded', '2026-01-01T10:00:00Z')]);
    await eventually(async () => expect((await database.query(ORDER_PAYMENTS)).rowCount).toBe(1));
    await publisher.publish([
      tryToPay(2, 1, 'succeeded', '2026-01-01T10:01:00Z'),
      tryToPay(1, 2, 'refund_pending', '2026-01-01T10:02:00Z'),
    ]);
    await eventually(async () =>
      expect(await (await get('/orders/ORDER-7')).json()).toMatchObject({
        reference: 'TRY-1',
        payment_status: 'refund_pending',
        payments: [{ is_surplus: false }, { is_surplus: true }],
      }),
    );
  });

  it('keeps two merchants’ equal references apart', async () => {
    const other = `${PAYMENT.slice(0, -1)}2`;
    await publisher.publish([move(1, 'queued'), move(1, 'declined', other, 'mer_two')]);
    await eventually(async () => expect(await row()).toHaveLength(2));
    const ambiguous = await get('/orders/ORD-1');
    expect(ambiguous.status).toBe(409);
    expect(await ambiguous.json()).toMatchObject({
      code: 'ambiguous_reference',
      detail: expect.stringContaining('?merchant='),
    });
    for (const [merchant, payment, status] of [
      ['mer_one', PAYMENT, 'queued'],
      ['mer_two', other, 'declined'],
    ]) {
      const found = await get(`/orders/ORD-1?merchant=${merchant}`);
      expect(await found.json()).toMatchObject({
        merchant,
        payment_intent_id: payment,
        payment_status: status,
      });
    }
    expect((await get('/orders/ORD-1?merchant=mer_three')).status).toBe(404);
    expect((await get('/orders/ORD-1?merchant=%00')).status).toBe(422);
  });

  it('accepts an event of an older process without a merchant, and learns it from the next', async () => {
    const { merchantId: _, ...older } = move(1, 'queued');
    await publisher.publish([older as Moved]);
    expect(await eventually(order)).toMatchObject({ merchant: null, sequence: 1 });
    await publisher.publish([move(2, 'submitting')]);
    await eventually(async () =>
      expect(await order()).toMatchObject({ merchant: 'mer_one', sequence: 2 }),
    );
    await publisher.publish([{ ...older, sequence: 3, status: 'succeeded' } as Moved]);
    await eventually(async () =>
      expect(await order()).toMatchObject({ merchant: 'mer_one', sequence: 3 }),
    );
  });

  it.each(['/orders/ORD-unknown', '/orders/%00', `/orders/${'x'.repeat(100)}`])(
    'does not find %s',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    },
  );

  it('is ready while Postgres and Redis answer, and shows its metrics', async () => {
    const up = { status: 'up' };
    await eventually(async () => {
      const ready = await get('/readyz');
      expect(ready.status).toBe(200);
      expect(await ready.json()).toEqual({
        status: 'ready',
        checks: { postgres: up, redis: up, events: up, clock: up },
      });
    });
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('quittance_consumer_handled_total{type="payment.queued.v1"}');
  });

  it('survives a disconnect by Postgres', async () => {
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'orders'`,
    );
    await publisher.publish([move(1, 'queued')]);
    expect(await eventually(order)).toMatchObject({ sequence: 1 });
  });

  it('receives every event although its path to Postgres fell silent', async () => {
    // Fills the connections of events and of readers.
    await publisher.publish([move(1, 'queued')]);
    await eventually(order);
    await Promise.all(Array.from({ length: 8 }, () => get('/orders/ORD-1')));
    link.silence();
    await publisher.publish([move(2, 'submitting'), move(3, 'succeeded')]);
    const whileSilent = await get('/readyz');
    expect(whileSilent.status).toBe(503);
    expect(await whileSilent.json()).toMatchObject({
      checks: { postgres: { status: 'down', reason: 'it does not answer' } },
    });
    await eventually(async () => expect(await order()).toMatchObject({ sequence: 3 }), {
      limitMs: 30_000,
    });
    await eventually(async () => expect((await get('/readyz')).status).toBe(200));
  });
});
