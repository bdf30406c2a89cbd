// Goal: what is committed reaches the queues, once if nothing breaks and again if something does.
// Method: real rows, and a publisher that remembers, fails or hangs.
import { createPool, OutboxRelay, type OutboxMessage, Payments } from '@quittance/persistence';
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
  it('tells a message as its event says it', async () => {
    const payment = aPayment();
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
      },
    ]);
    expect(published[0]?.snapshot).not.toContain('sealed');
  });

  it('hands each message to one of many relays, and leaves nothing behind', async () => {
    const ids = await acceptMany(900);
    const relays = Array.from({ length: 6 }, () => new OutboxRelay(pool, remember, log));
    await Promise.all(relays.map(runDry));
    expect(published.map(({ paymentId }) => paymentId).toSorted()).toEqual(ids.toSorted());
    expect(await waiting()).toBe(0);
  });

  it('asks to be called again as long as a batch was full', async () => {
    await acceptMany(201);
    const relay = new OutboxRelay(pool, remember, log);
    expect(await relay.relayBatch()).toBe('again');
    expect(await relay.relayBatch()).toBeUndefined();
    expect(published).toHaveLength(201);
  });

  it('keeps the order of a payment’s moves', async () => {
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
    expect(published.map(({ lane }) => lane)).toEqual(['default', null, null]);
  });
});

describe('what breaks', () => {
  it('leaves the rows when the publisher fails, for the next pass', async () => {
    const ids = await acceptMany(3);
    const failing = new OutboxRelay(pool, () => Promise.reject(new Error('redis is away')), log);
    await expect(failing.relayBatch()).rejects.toThrow('redis is away');
    expect(await waiting()).toBe(3);
    await runDry(new OutboxRelay(pool, remember, log));
    expect(published.map(({ paymentId }) => paymentId).toSorted()).toEqual(ids.toSorted());
  });

  it('leaves the rows when the process is cut off in the middle, and does not end it', async () => {
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
    // Until Postgres has noticed that nobody is at the other end, the rows are locked and passed
    // over.
    await eventually(async () => {
      await runDry(next);
      expect(await waiting()).toBe(0);
    });
    expect(published).toHaveLength(6);
    await cutOff.end();
  });
});

describe('the loop', () => {
  it('relays what is there at its start, and what a poke announces', async () => {
    const [first] = await acceptMany(1);
    const relay = new OutboxRelay(pool, remember, log);
    relay.start();
    await eventually(() => expect(published.map(({ paymentId }) => paymentId)).toEqual([first]));
    await acceptMany(500);
    relay.poke();
    await eventually(() => expect(published).toHaveLength(501));
    await relay.stop();
  });

  it('finds by itself what nobody poked for', async () => {
    const relay = new OutboxRelay(pool, remember, log);
    relay.start();
    await acceptMany(1);
    await eventually(() => expect(published).toHaveLength(1));
    await relay.stop();
    await acceptMany(1);
    expect(published).toHaveLength(1);
  });
});
