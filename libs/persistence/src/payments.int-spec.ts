import { decide, type Payment } from '@quittance/payments';
import { randomUUID } from 'node:crypto';
import { createPool, DuePayments, Payments } from '@quittance/persistence';
import { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  type TestDatabase,
  emptyPayments,
} from '../../../test/support/postgres.js';
import { plantWatched } from '../../../test/support/watched-payments.js';

const NOW = new Date('2026-11-21T10:00:01.000Z');
const REPLY_BEFORE = new Date('2026-11-21T10:00:31.000Z');

let database: TestDatabase;
let pool: Pool;
let payments: Payments;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool);
  payments = new Payments(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const accept = (payment: Payment, sealedCard: string | null = 'sealed-card') =>
  payments.accept({ payment, terminalName: 'main', sealedCard });
const rows = async (table: string) =>
  (await pool.query(`SELECT * FROM ${table}`)).rows as Record<string, unknown>[];
const opening = (payment: Payment) => ({
  before: payment,
  decision: decide(payment, { cause: 'request', act: 'open', replyBefore: REPLY_BEFORE }, NOW),
  terminalName: 'main',
  opensAttempt: { replyBefore: REPLY_BEFORE, openedBy: randomUUID() },
});

describe('accepting', () => {
  it('loads exactly what was stored, with the encrypted card', async () => {
    const payment = aPayment({ amountMinor: 9_999_999_999n, metadata: { note: 'ünïcode 🚀' } });
    expect(await accept(payment)).toBe(true);
    const terminalVersion: unknown = expect.stringMatching(/^\d+$/);
    const stored = { payment, sealedCard: 'sealed-card', terminalVersion };
    expect(await payments.load(payment.id)).toEqual(stored);
    expect(await payments.loadByReference('mer_test', payment.reference)).toEqual(payment);
  });

  it('writes the first event and the order to submit in the same commit', async () => {
    const payment = aPayment();
    await accept(payment);
    expect(await rows('payment_events')).toMatchObject([
      {
        payment_id: payment.id,
        sequence: 1,
        status: 'queued',
        previous_status: null,
        cause: 'request',
      },
    ]);
    expect(await rows('outbox')).toMatchObject([
      { payment_id: payment.id, sequence: 1, lane: 'default' },
    ]);
  });

  it('accepts one of fifty payments with one reference, and writes nothing for the others', async () => {
    const reference = 'SAME-1';
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => accept(aPayment({ reference }))),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await rows('payment_intents')).toHaveLength(1);
    expect(await rows('payment_events')).toHaveLength(1);
    expect(await rows('outbox')).toHaveLength(1);
  });

  it('is not affected by another payment that the database refuses', async () => {
    const [good, bad] = [aPayment(), aPayment({ terminalId: 'ter_nobody' })];
    const refused: string[] = [];
    payments = new Payments(pool, undefined, (sqlState) => refused.push(sqlState));
    const results = await Promise.allSettled([accept(good), accept(bad)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await payments.load(good.id))?.payment.id).toBe(good.id);
    // Reported once, for the statement of both: 23503 is a missing terminal.
    expect(refused).toEqual(['23503']);
  });
});

describe('taking the fence', () => {
  it('succeeds for one of many, erases the stored card and opens one attempt', async () => {
    const payment = aPayment();
    await accept(payment);
    const winners = await Promise.all(
      Array.from({ length: 20 }, () => new Payments(pool).record(opening(payment))),
    );
    expect(winners.filter(Boolean)).toHaveLength(1);
    const loaded = await payments.load(payment.id);
    expect(loaded).toMatchObject({
      payment: { status: 'submitting', version: 2, attempt: 1 },
      sealedCard: null,
    });
    expect(await rows('submission_attempts')).toMatchObject([
      { number: 1, deadline_at: REPLY_BEFORE, closed_at: null },
    ]);
  });

  it('restores the encrypted card when the attempt provably never left', async () => {
    const payment = aPayment();
    await accept(payment);
    const fence = opening(payment);
    await payments.record(fence);
    const before = fence.decision.next;
    const evidence = {
      cause: 'reply',
      outcome: { kind: 'notSent', reason: 'econnrefused' },
      random: 0,
    } as const;
    const decision = decide(before, evidence, NOW);
    const closesAttempt = {
      outcome: 'notSent',
      httpStatus: null,
      errorNumber: null,
      reason: 'econnrefused',
      durationMs: 3,
    };
    expect(
      await payments.record({
        before,
        decision,
        terminalName: 'main',
        sealedCard: 'sealed-card',
        closesAttempt,
      }),
    ).toBe(true);
    expect(await payments.load(payment.id)).toMatchObject({
      payment: { status: 'queued', attempt: 1 },
      sealedCard: 'sealed-card',
    });
    expect(await rows('submission_attempts')).toMatchObject([
      { outcome: 'notSent', reason: 'econnrefused', duration_ms: 3 },
    ]);
    expect((await rows('payment_events')).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });
});

describe('applying', () => {
  it('loads and plans again when another change was faster', async () => {
    const payment = aPayment();
    await accept(payment);
    const stale = (await payments.load(payment.id))!;
    await payments.record(opening(payment));
    const seen: string[] = [];
    const written = await payments.apply(stale, ({ payment: current }) => {
      seen.push(current.status);
      const decision = decide(current, { cause: 'sweeper', act: 'abandoned' }, NOW);
      return { before: current, decision, terminalName: 'main' };
    });
    expect(seen).toEqual(['queued', 'submitting']);
    expect(written?.decision.next.status).toBe('inDoubt');
  });
});

it('plans its statements once and not for each call, also while the tables grow', async () => {
  const options = { databaseUrl: database.url, applicationName: 'plans', onError: () => undefined };
  const single = createPool({ ...options, connections: 1 });
  payments = new Payments(single);
  const handle = async () => {
    const payment = aPayment();
    await accept(payment);
    await payments.load(payment.id);
    await payments.record(opening(payment));
  };
  for (let call = 0; call < 20; call += 1) await handle();
  // The plans so far are for a table that looks empty.
  await plantWatched(pool, { count: 5_000, dueAt: NOW });
  await pool.query('ANALYZE');
  for (let call = 0; call < 20; call += 1) await handle();
  const plans = 'SELECT name, custom_plans FROM pg_prepared_statements ORDER BY 1';
  const { rows: planned } = await single.query(plans);
  await single.end();
  // Postgres always plans the first five calls.
  const firstCalls = ['accept', 'load', 'record'].map((name) => ({ name, custom_plans: '5' }));
  expect(planned).toEqual(firstCalls);
});

describe('claiming due steps', () => {
  it('claims each due payment once, and again when the lease has expired', async () => {
    const due = aPayment({ nextStepAt: NOW });
    const later = aPayment({ nextStepAt: new Date(NOW.getTime() + 60_000) });
    await Promise.all([accept(due), accept(later)]);
    const leaseUntil = new Date(NOW.getTime() + 30_000);
    const claim = (now: Date) => new DuePayments(pool).claim({ now, leaseUntil, limit: 10 });
    const claims = await Promise.all([claim(NOW), claim(NOW), claim(NOW)]);
    expect(claims.flat().map(({ paymentId }) => paymentId)).toEqual([due.id]);
    expect((await claim(leaseUntil)).map(({ paymentId }) => paymentId)).toEqual([due.id]);
  });
});
