// Goal: committed messages reach the queues, once without a failure and again after one. Method:
// real rows, and a publisher that records, fails or hangs.
import { createPool, OutboxRelay, type OutboxMessage, Payments } from '@quittance/persistence';
import { TAKE } from './outbox.js';
import { createLogger } from '@quittance/platform';
import { decide } from '@quittance/payments';
import type { Pool } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  type TestDatabase,
  emptyPayments,
} from '../../../test/support/postgres.js';
import { linkTo } from '../../../test/support/severable-link.js';

const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;
let published: OutboxMessage[];
const remember = (messages: readonly OutboxMessage[]): Promise<void> => {
  published.push(...messages);
  return Promise.resolve();
};
const poolAt = (databaseUrl: string) =>
  createPool({
    databaseUrl,
    connections: 8,
    applicationName: 'outbox-test',
    onError: () => undefined,
  });

beforeAll(async () => {
  database = await createTestDatabase();
  pool = poolAt(database.url);
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
  published = [];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function acceptMany(count: number): Promise<string[]> {
  const payments = new Payments(pool);
  const accepted = Array.from({ length: count }, () => aPayment());
  const accept = (payment: (typeof accepted)[number]) =>
    payments.accept({ payment, terminalName: 'main', sealedCard: null });
  await Promise.all(accepted.map(accept));
  return accepted.map(({ id }) => id);
}
async function waiting(): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM outbox');
  return rows[0]?.n ?? -1;
}
async function runDry(relay: OutboxRelay): Promise<void> {
  while ((await relay.relayBatch()) === 'again');
}

describe('relaying', () => {
  it('builds a message from its event', async () => {
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const payment = aPayment({ traceparent });
    await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: 'sealed' });
    await new OutboxRelay(pool, remember, log).relayBatch();
    expect(published).toEqual([
      {
        paymentId: payment.id,
        merchantId: 'mer_test',
        sequence: 1,
        status: 'queued',
        previousStatus: null,
        cause: 'request',
        at: payment.createdAt,
        snapshot: expect.stringContaining(`"reference":"${payment.reference}"`),
        lane: 'default',
        traceparent,
      },
    ]);
    expect(published[0]?.snapshot).not.toContain('sealed');
  });

  it('gives each message to one of many relays, and leaves none behind', async () => {
    const ids = await acceptMany(900);
    const relays = Array.from({ length: 6 }, () => new OutboxRelay(pool, remember, log));
    await Promise.all(relays.map(runDry));
    expect(published.map(({ paymentId }) => paymentId).toSorted()).toEqual(ids.toSorted());
    expect(await waiting()).toBe(0);
  });

  it('returns `again` after a full batch', async () => {
    await acceptMany(201);
    const relay = new OutboxRelay(pool, remember, log);
    expect(await relay.relayBatch()).toBe('again');
    expect(await relay.relayBatch()).toBeUndefined();
    expect(published).toHaveLength(201);
  });

  it('preserves the order of a payment’s transitions', async () => {
    const payment = aPayment();
    const payments = new Payments(pool);
    await payments.accept({ payment, terminalName: 'main', sealedCard: null });
    const now = new Date('2026-11-21T10:00:01.000Z');
    const opened = decide(payment, { cause: 'request', act: 'open', replyBefore: now }, now);
    await payments.record({ before: payment, decision: opened, terminalName: 'main' });
    const swept = decide(opened.next, { cause: 'sweeper', act: 'abandoned' }, now);
    await payments.record({ before: opened.next, decision: swept, terminalName: 'main' });
    await new OutboxRelay(pool, remember, log).relayBatch();
    expect(published.map(({ sequence, status }) => [sequence, status])).toEqual([
      [1, 'queued'],
      [2, 'submitting'],
      [3, 'in_doubt'],
    ]);
    // The order is void: the payment has moved on.
    expect(published.map(({ lane }) => lane)).toEqual([null, null, null]);
  });
});

it('finds the events of payments and refunds by their keys, however many there are', async () => {
  const [id] = await acceptMany(1);
  // Events of refunds that do not exist: the guards are disabled for that time.
  await pool.query(`
    BEGIN; SET LOCAL session_replication_role = replica;
    INSERT INTO refund_events (refund_id, sequence, status, cause, merchant_id, payment_id, payment_version, snapshot, created_at)
    SELECT 're_' || n, 1, 'queued', 'request', 'mer_test', '${id}', 1, '{}', now() FROM generate_series(1, 5000) n;
    INSERT INTO payment_events (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
    SELECT 'pi_' || n, 1, 'mer_test', 'queued', 'request', '{}', now() FROM generate_series(1, 5000) n;
    COMMIT; ANALYZE refund_events; ANALYZE payment_events; ANALYZE outbox`);
  const client = await pool.connect();
  try {
    // As a named statement is planned after its first uses: for any values.
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query(`PREPARE take AS ${TAKE.text}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>('EXPLAIN EXECUTE take (200)');
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index Scan using refund_events_pkey');
    expect(plan).toContain('Index Scan using payment_events_pkey');
    expect(plan).toContain('Index Scan using payment_intents_pkey');
    expect(plan).not.toMatch(/Seq Scan on (?:(?:refund|payment)_events|payment_intents)/);
  } finally {
    client.release(true);
  }
});

describe('a failure', () => {
  it('of the publisher leaves the rows for the next pass', async () => {
    const ids = await acceptMany(3);
    const failing = new OutboxRelay(
      pool,
      () => Promise.reject(new Error('redis is unavailable')),
      log,
    );
    await expect(failing.relayBatch()).rejects.toThrow('redis is unavailable');
    expect(await waiting()).toBe(3);
    // A pass skips rows that are locked: the failed one may not have ended in Postgres yet.
    await eventually(async () => {
      await runDry(new OutboxRelay(pool, remember, log));
      expect(published.map(({ paymentId }) => paymentId).toSorted()).toEqual(ids.toSorted());
    });
  });

  it('of the connection leaves the rows, and does not end the process', async () => {
    await acceptMany(3);
    const link = await linkTo(database.url);
    const cutOff = poolAt(link.url);
    const relay = new OutboxRelay(
      cutOff,
      async (messages) => {
        await remember(messages);
        await link.cut();
      },
      log,
    );
    await expect(relay.relayBatch()).rejects.toThrow();
    expect(await waiting()).toBe(3);
    const next = new OutboxRelay(pool, remember, log);
    // Until Postgres has noticed that the connection is dead, the rows are locked and skipped.
    await eventually(async () => {
      await runDry(next);
      expect(await waiting()).toBe(0);
    });
    expect(published).toHaveLength(6);
    await cutOff.end();
  });
});

describe('the loop', () => {
  it('relays the rows at its start, and after each wake-up', async () => {
    const [first] = await acceptMany(1);
    const relay = new OutboxRelay(pool, remember, log);
    relay.start();
    await eventually(() => expect(published.map(({ paymentId }) => paymentId)).toEqual([first]));
    await acceptMany(500);
    relay.poke();
    await eventually(() => expect(published).toHaveLength(501));
    await relay.stop();
  });

  it('finds rows without a wake-up', async () => {
    const relay = new OutboxRelay(pool, remember, log);
    relay.start();
    await acceptMany(1);
    await eventually(() => expect(published).toHaveLength(1));
    await relay.stop();
    await acceptMany(1);
    expect(published).toHaveLength(1);
  });
});
