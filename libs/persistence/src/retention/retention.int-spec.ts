// Goal: old data of finished payments ends once and in whole, and nothing of an open payment does.
// Method: walks over a real database, with payments of chosen ages; the worker's role.
import { Pool } from 'pg';
import type { Payment } from '@quittance/payments';
import { aPayment, insertTestTerminal, newTransId } from '../../../../test/support/payments.js';
import { eventually } from '../../../../test/support/eventually.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../../test/support/postgres.js';
import { aPaidPayment, aRefundOf, dispute } from '../../../../test/support/refunds.js';
import { createPool } from '../pool.js';
import { loadHistory } from '../payment-history.js';
import { Payments } from '../payments.js';
import { PrismaService } from '../prisma.service.js';
import { Refunds } from '../refunds/refunds.js';
import { StoredInvariants } from '../stored-invariants.js';
import { isTransactionTaken, TransactionOwners } from '../transaction-owner.js';
import { Retention } from './retention.js';
import type { RetentionKind } from './retention-statements.js';

let database: TestDatabase;
let owner: Pool;
let workers: Pool;
let prisma: PrismaService;
let retention: Retention;

const DAY_MS = 86_400_000;
const NOW = new Date();
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Pool({ connectionString: database.url });
  const options = { connections: 8, applicationName: 'test', onError: () => undefined };
  workers = createPool({ databaseUrl: database.urlAs('worker'), ...options });
  prisma = new PrismaService(owner);
  retention = new Retention(workers);
});
beforeEach(async () => {
  await emptyPayments(owner);
  await owner.query('TRUNCATE retention, queue_watch, payment_tombstones, refund_tombstones');
  await owner.query(
    `INSERT INTO queue_watch (redis_run_id, delivered_before) VALUES ('run', now())`,
  );
  await insertTestTerminal(owner);
});
afterAll(async () => {
  await Promise.all([owner.end(), workers.end()]);
  await database.drop();
});

/** A payment that was approved 600 days ago, with an attempt, a callback and an inquiry. */
async function anOldPayment(overrides: Partial<Payment> = {}): Promise<Payment> {
  const at = daysAgo(600);
  const payment = aPaidPayment({ nextStepAt: null, createdAt: at, updatedAt: at, ...overrides });
  await new Payments(owner).accept({ payment, terminalName: 'main', sealedCard: null });
  await owner.query(
    `INSERT INTO submission_attempts (payment_id, number, opened_at, deadline_at, closed_at, outcome)
     SELECT $1, 1, now(), now(), now(), 'reported'`,
    [payment.id],
  );
  await owner.query(
    `INSERT INTO callbacks VALUES ($1, sha256('x'), true, 'awaiting_inquiry', NULL, '{"name":"Dev Tech"}', now())`,
    [payment.id],
  );
  await owner.query(
    `INSERT INTO doubt_inquiries (payment_id, asked_at, strategy, answer) VALUES ($1, now(), 'trans_id', 'reported')`,
    [payment.id],
  );
  return payment;
}

/** Ends the newly requested refund of the only payment. */
async function failRefunds(): Promise<void> {
  await owner.query(`BEGIN; SET LOCAL session_replication_role = replica;
    UPDATE refunds SET status = 'failed', failure_code = 'x', next_step_at = NULL;
    UPDATE refund_events SET status = 'failed';
    UPDATE payment_intents SET refund_reserved_minor = NULL; COMMIT`);
}

/** Waits until a statement waits for a lock. */
async function untilOneWaits(): Promise<void> {
  await eventually(async () => {
    const { rows } = await owner.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    expect(rows).toHaveLength(1);
  });
}

/** Adds a merchant with a terminal at the same gateway. */
async function addMerchant(): Promise<void> {
  await owner.query(`INSERT INTO merchants VALUES ('mer_2', 'two', now())`);
  await owner.query(
    `INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol,
       callback_encryption, mode, lane, inquiry, created_at)
     SELECT 'ter_2', 'mer_2', name, base_url, 43, public_key, sealed_private_key, protocol, callback_encryption, mode, lane,
       inquiry, created_at FROM terminals`,
  );
}

/** Transitions a paid payment to `charged_back`, with its event. */
async function chargeBack({ id }: Payment): Promise<void> {
  await owner.query(
    `WITH p AS (UPDATE payment_intents SET status = 'charged_back', version = version + 1 WHERE id = $1
       RETURNING id, version, merchant_id)
     INSERT INTO payment_events (payment_id, sequence, merchant_id, status, previous_status, cause, snapshot, created_at)
     SELECT id, version, merchant_id, 'charged_back', 'succeeded', 'inquiry',
       '{"id":"x","card":{"last4":"0026"},"next_action":null,"metadata":{"cart":"c-77"},"version":2}', now() FROM p`,
    [id],
  );
}

/** Runs batches until the walk has no more, and returns the number of payments. */
async function walk(
  kind: RetentionKind,
  keepDays: number | null = 550,
  limit = 2,
): Promise<number> {
  let ended = 0;
  for (;;) {
    const batch = await retention.endStep({ kind, keepDays, now: NOW, limit });
    ended += batch.ended;
    if (!batch.hasMore) return ended;
  }
}

const KINDS: readonly RetentionKind[] = ['personal_data', 'history', 'payments'];

async function violations(): Promise<string[]> {
  const slice = { limit: 100, stalledBefore: daysAgo(0) };
  const found = await new StoredInvariants(workers).newest(slice);
  return found.violations.map(({ kind }) => kind);
}

async function rowsOf(table: string): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table}`,
  );
  return rows[0]?.count ?? 0;
}

describe('personal data', () => {
  it('leaves the payment, its events, its callbacks and its refunds', async () => {
    const payment = await anOldPayment({
      authUrl: 'https://gateway.example/pay',
      sourceUrl: 'https://shop.example',
    });
    const refund = aRefundOf(payment, { reason: 'Dev Tech was ill' });
    await new Refunds(owner).request(refund);
    await failRefunds();
    expect(await walk('personal_data')).toBe(1);
    const everything = await owner.query(
      `SELECT (SELECT json_agg(p) FROM payment_intents p)::text || (SELECT json_agg(e) FROM payment_events e)::text
         || (SELECT json_agg(c) FROM callbacks c)::text || (SELECT json_agg(r) FROM refunds r)::text
         || (SELECT json_agg(e) FROM refund_events e)::text AS all`,
    );
    const { all } = everything.rows[0] as { all: string };
    for (const word of [
      'Dev Tech',
      'dev@example.com',
      'c-77',
      '401200',
      '0026',
      'Two tickets',
      'shop.example',
      'gateway.example/pay',
    ])
      expect(all).not.toContain(word);
    for (const word of [payment.reference, '1111', payment.transId!, 'visa'])
      expect(all).toContain(word);
    const loaded = await new Payments(owner).load(payment.id);
    expect(loaded?.payment).toMatchObject({
      card: null,
      customer: {},
      metadata: {},
      personalDataErasedAt: NOW,
    });
    expect(await violations()).toEqual([]);
  });

  it('of a snapshot leaves nothing else of it', async () => {
    const payment = await anOldPayment();
    const before = await owner.query<{ snapshot: object }>('SELECT snapshot FROM payment_events');
    await walk('personal_data');
    const after = await owner.query<{ snapshot: object }>('SELECT snapshot FROM payment_events');
    expect(after.rows[0]?.snapshot).toEqual({
      ...before.rows[0]?.snapshot,
      card: null,
      metadata: {},
    });
    expect(after.rows[0]?.snapshot).toMatchObject({ id: payment.id, status: 'succeeded' });
  });

  it('does not return with a decision that was made before it left', async () => {
    const payment = await anOldPayment();
    const store = new Payments(owner);
    const loaded = (await store.load(payment.id))!;
    await walk('personal_data');
    const decision = { next: { ...loaded.payment, asks: 1, nextStepAt: NOW }, move: null } as never;
    const change = { before: loaded.payment, decision, terminalName: 'main' };
    expect(await store.record(change)).toBe(false);
    const erased = (await store.load(payment.id))!.payment;
    expect(await store.record({ ...change, before: erased })).toBe(true);
  });
});

describe('history', () => {
  it('ends but for the last event', async () => {
    const payment = await anOldPayment();
    await chargeBack(payment);
    expect(await walk('history')).toBe(1);
    const { moves, attempts, callbacks, inquiries } = await loadHistory(prisma, payment.id);
    expect(moves.map(({ sequence, status }) => [sequence, status])).toEqual([[2, 'chargedBack']]);
    expect([attempts, callbacks, inquiries]).toEqual([[], [], []]);
    expect(await violations()).toEqual([]);
  });

  it('retains the event that an audited action refers to', async () => {
    const payment = await anOldPayment();
    await chargeBack(payment);
    await owner.query(
      `INSERT INTO operator_actions (at, operator, action, subject_kind, subject_id, sequence, why, before, after)
       VALUES (now(), 'ann', 'resolve', 'payment', $1, 1, 'seen', '{}', '{}')`,
      [payment.id],
    );
    await walk('history');
    expect((await loadHistory(prisma, payment.id)).moves.map(({ sequence }) => sequence)).toEqual([
      1, 2,
    ]);
    expect(await violations()).toEqual([]);
  });

  it('that ended lets the payment move on', async () => {
    const payment = await anOldPayment();
    await walk('history');
    await chargeBack(payment);
    expect(await violations()).toEqual([]);
  });

  it('that is missing although it has not ended is still a violation', async () => {
    const payment = await anOldPayment();
    await chargeBack(payment);
    await walk('personal_data');
    await owner.query('DELETE FROM payment_events WHERE sequence = 1');
    expect(await violations()).toEqual(['events_incomplete', 'moves_do_not_follow']);
  });
});

describe('a payment', () => {
  const accept = (payment: Payment) =>
    new Payments(owner).accept({ payment, terminalName: 'main', sealedCard: null });

  it('leaves its reference, its key and its transaction', async () => {
    const payment = await anOldPayment({ idempotencyKey: 'k-1' });
    const refund = aRefundOf(payment);
    await new Refunds(owner).request(refund);
    await failRefunds();
    expect(await walk('payments')).toBe(1);
    for (const table of [
      'payment_intents',
      'payment_events',
      'submission_attempts',
      'callbacks',
      'doubt_inquiries',
      'refunds',
      'refund_events',
      'refund_attempts',
    ])
      expect([table, await rowsOf(table)]).toEqual([table, 0]);
    const { rows } = await owner.query('SELECT * FROM payment_tombstones');
    expect(rows).toEqual([
      {
        merchant_id: 'mer_test',
        reference: payment.reference,
        idempotency_key: 'k-1',
        gateway: '127.0.0.1:9',
        trans_id: payment.transId,
        ended_at: NOW,
      },
    ]);
    const refunds = await owner.query('SELECT * FROM refund_tombstones');
    expect(refunds.rows).toEqual([{ merchant_id: 'mer_test', reference: refund.reference }]);
  });

  it('is never accepted again under its reference or its key', async () => {
    const old = await anOldPayment({ idempotencyKey: 'k-1' });
    await walk('payments');
    const same = aPayment({ reference: old.reference });
    const sameKey = aPayment({ idempotencyKey: 'k-1' });
    const other = aPayment({ idempotencyKey: 'k-2' });
    const accepted = await Promise.all([same, sameKey, other].map(accept));
    expect(accepted).toEqual([false, false, true]);
    const store = new Payments(owner);
    const used = await Promise.all(
      [same, sameKey, other].map((payment) => store.usedByDeleted(payment)),
    );
    expect(used).toEqual(['reference', 'idempotencyKey', undefined]);
  });

  it.each(['reference', 'idempotencyKey'] as const)(
    'is not accepted again by its %s while it is being deleted',
    async (name) => {
      const old = await anOldPayment({ idempotencyKey: 'k-1' });
      const deleting = await owner.connect();
      await deleting.query('BEGIN');
      await deleting.query('SELECT end_payments($1, now())', [[old.id]]);
      const again = accept(aPayment({ [name]: old[name] }));
      await untilOneWaits();
      await deleting.query('COMMIT');
      deleting.release();
      expect(await again).toBe(false);
      expect(await rowsOf('payment_intents')).toBe(0);
    },
  );

  it('is found by a check when a copy of it was planted by hand', async () => {
    const old = await anOldPayment();
    await walk('payments');
    await owner.query('ALTER TABLE payment_intents DISABLE TRIGGER USER');
    const planted = aPayment({ reference: old.reference, transId: old.transId, attempt: 1 });
    await owner.query(
      `INSERT INTO payment_tombstones VALUES ('mer_test', 'OTHER', NULL, NULL, NULL, now())`,
    );
    await accept({ ...planted, reference: 'OTHER-2' });
    await owner.query(`UPDATE payment_intents SET reference = $1, gateway = '127.0.0.1:9'`, [
      old.reference,
    ]);
    await owner.query('ALTER TABLE payment_intents ENABLE TRIGGER USER');
    expect(await violations()).toEqual(
      expect.arrayContaining(['transaction_shared', 'reference_used_twice']),
    );
  });

  it('keeps its transaction from every other payment, also while it is being deleted', async () => {
    const old = await anOldPayment();
    const thief = aPayment({ status: 'processing', attempt: 1 });
    await accept(thief);
    const take = () =>
      owner.query('UPDATE payment_intents SET trans_id = $1 WHERE id = $2', [
        old.transId,
        thief.id,
      ]);
    const taken = { constraint: 'one_payment_per_transaction' };
    const deleting = await owner.connect();
    await deleting.query('BEGIN');
    await deleting.query('SELECT end_payments($1, now())', [[old.id]]);
    const stealing = take().catch((error: unknown) => error);
    await untilOneWaits();
    await deleting.query('COMMIT');
    deleting.release();
    expect(await stealing).toMatchObject(taken);
    expect(isTransactionTaken(await take().catch((error: unknown) => error))).toBe(true);
  });

  it('is a rival for its transaction, and for that of its reference if its own is unknown', async () => {
    const known = await anOldPayment();
    const unknown = await anOldPayment({
      status: 'failed',
      failure: { code: 'never_arrived', message: '' },
      transId: null,
    });
    await walk('payments');
    const owners = new TransactionOwners(owner);
    await addMerchant();
    const doubtful = (reference: string) =>
      aPayment({
        merchantId: 'mer_2',
        terminalId: 'ter_2',
        reference,
        attempt: 1,
        status: 'inDoubt',
        doubtReason: 'no_reply',
      });
    const [sameReference, another] = [doubtful(unknown.reference), doubtful('ANOTHER-1')];
    await Promise.all([sameReference, another].map(accept));
    expect(await owners.deletedRival(another, known.transId!)).toBe('hasTransaction');
    expect(await owners.deletedRival(another, newTransId())).toBeUndefined();
    expect(await owners.deletedRival(sameReference, newTransId())).toBe('mayHaveTransaction');
    expect(await owners.concerned(sameReference)).toMatchObject([
      { merchantName: 'test', reference: unknown.reference, status: 'deleted' },
    ]);
  });

  it.each<[string, string]>([
    [
      'an operator acted on it',
      `INSERT INTO operator_actions (at, operator, action, subject_kind, subject_id, sequence, why, before, after)
       SELECT now(), 'ann', 'resolve', 'payment', id, 1, 'seen', '{}', '{}' FROM payment_intents`,
    ],
    [
      'another payment claims its transaction',
      `INSERT INTO transaction_claims SELECT id, gateway, trans_id, now() FROM payment_intents`,
    ],
  ])('stays when %s', async (_, sql) => {
    await anOldPayment();
    await owner.query(sql);
    expect(await walk('payments')).toBe(0);
    expect(await rowsOf('payment_intents')).toBe(1);
  });
});

it('the reference of a deleted refund is never used again', async () => {
  const old = await anOldPayment();
  const refund = aRefundOf(old);
  await new Refunds(owner).request(refund);
  await failRefunds();
  await walk('payments');
  const payment = await anOldPayment();
  const again = aRefundOf(payment, { reference: refund.reference });
  expect(await new Refunds(owner).request(again)).toBe('referenceTaken');
  expect(await new Refunds(owner).request(aRefundOf(payment))).toBe('reserved');
});

it('a payment whose attempts are deleted may still have a transaction of its reference', async () => {
  const failed = { status: 'failed', failure: { code: 'never_arrived', message: '' } } as const;
  const old = await anOldPayment({ ...failed, transId: null });
  await walk('history');
  await addMerchant();
  const asking = aPayment({ merchantId: 'mer_2', terminalId: 'ter_2', reference: old.reference });
  await new Payments(owner).accept({ payment: asking, terminalName: 'main', sealedCard: null });
  const others = await new TransactionOwners(owner).others(asking, newTransId());
  expect(others.map(({ id }) => id)).toEqual([old.id]);
});

describe.each(KINDS)('%s', (kind) => {
  it.each<[string, () => Promise<unknown>]>([
    ['open', () => anOldPayment({ status: 'processing', nextStepAt: NOW })],
    ['in doubt', () => anOldPayment({ status: 'inDoubt', doubtReason: 'no_reply', transId: null })],
    ['disputed', async () => dispute(owner, await anOldPayment())],
    ['being refunded', () => anOldPayment({ status: 'refundPending', refundReservedMinor: 1n })],
    ['still watched', () => anOldPayment({ nextStepAt: daysAgo(-7) })],
    ['to be asked about', () => anOldPayment({ asks: 1 })],
    ['young', () => anOldPayment({ createdAt: daysAgo(549), updatedAt: daysAgo(549) })],
    ['changed lately', () => anOldPayment({ updatedAt: daysAgo(10) })],
    [
      'with a refund that has not ended',
      async () => new Refunds(owner).request(aRefundOf(await anOldPayment())),
    ],
    [
      'with a callback to be forwarded',
      async () => {
        const payment = await anOldPayment({
          webhook: { url: 'https://x.example', encryption: 'none' },
        });
        await owner.query('UPDATE payment_intents SET forward_at = now() WHERE id = $1', [
          payment.id,
        ]);
      },
    ],
  ])('ends nothing of a payment that is %s', async (_, make) => {
    await make();
    const before = await owner.query('SELECT * FROM payment_intents');
    expect(await walk(kind)).toBe(0);
    expect((await owner.query('SELECT * FROM payment_intents')).rows).toEqual(before.rows);
    expect(await rowsOf('callbacks')).toBe(1);
  });

  it('ends of every old payment, once, however many', async () => {
    for (let index = 0; index < 7; index += 1) await anOldPayment();
    await anOldPayment({ createdAt: NOW, updatedAt: NOW });
    expect(await walk(kind)).toBe(7);
    expect(await walk(kind)).toBe(0);
    expect((await retention.walks())[0]).toMatchObject({
      kind,
      keepDays: 550,
      ended: 7,
      overdueSeconds: 0,
    });
  });

  it('ends later of a payment that was left behind', async () => {
    const disputed = await anOldPayment();
    await dispute(owner, disputed);
    await anOldPayment();
    expect(await walk(kind)).toBe(1);
    await owner.query(
      `WITH p AS (UPDATE payment_intents SET status = 'charged_back', version = version + 1 WHERE id = $1
         RETURNING id, version, merchant_id)
       INSERT INTO payment_events (payment_id, sequence, merchant_id, status, previous_status, cause, snapshot, created_at)
       SELECT id, version, merchant_id, 'charged_back', 'disputed', 'inquiry', '{}', now() FROM p`,
      [disputed.id],
    );
    const batch = { kind, keepDays: 550, limit: 10 };
    expect((await retention.endStep({ ...batch, now: NOW })).ended).toBe(0);
    const later = new Date(NOW.getTime() + 7 * 3_600_000);
    expect((await retention.endStep({ ...batch, now: later })).ended).toBe(1);
  });

  it('never ends without an age, and begins at once with one', async () => {
    await anOldPayment();
    expect(await walk(kind, null)).toBe(0);
    expect(await walk(kind, 700)).toBe(0);
    expect(await walk(kind, 550)).toBe(1);
  });

  it('waits for the slowest subscriber', async () => {
    await anOldPayment();
    await owner.query(`UPDATE queue_watch SET delivered_before = $1`, [daysAgo(700)]);
    expect(await walk(kind)).toBe(0);
  });

  it('passes over a payment that another transaction is changing', async () => {
    const payment = await anOldPayment();
    await anOldPayment();
    const other = await owner.connect();
    await other.query('BEGIN');
    await other.query('SELECT FROM payment_intents WHERE id = $1 FOR UPDATE', [payment.id]);
    expect(await walk(kind)).toBe(1);
    await other.query('COMMIT');
    other.release();
  });

  it('is ended by one of any number of workers at a time', async () => {
    for (let index = 0; index < 20; index += 1) await anOldPayment();
    const walks = await Promise.all(Array.from({ length: 4 }, () => walk(kind)));
    expect(walks.reduce((sum, ended) => sum + ended, 0) + (await walk(kind))).toBe(20);
    expect((await retention.walks())[0]?.ended).toBe(20);
  });

  it('does not end when the batch fails, and the walk stays where it was', async () => {
    await anOldPayment();
    await owner.query(`
      CREATE FUNCTION break_the_walk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
      CREATE TRIGGER break_the_walk BEFORE UPDATE ON retention FOR EACH ROW EXECUTE FUNCTION break_the_walk()`);
    await expect(walk(kind)).rejects.toThrow('broken');
    await owner.query('DROP FUNCTION break_the_walk CASCADE');
    expect(await rowsOf('callbacks')).toBe(1);
    expect(await walk(kind)).toBe(1);
  });
});

it.each([
  ['of an open payment cannot be marked as erased', `personal_data_erased_at = now()`],
  ['of an open payment cannot be marked as ended', `history_ended_at = now()`],
])('data %s', async (_, assignment) => {
  await new Payments(owner).accept({
    payment: aPayment({ transId: newTransId() }),
    terminalName: 'main',
    sealedCard: null,
  });
  const marking = owner.query(`UPDATE payment_intents SET ${assignment}`);
  await expect(marking).rejects.toMatchObject({ constraint: 'only_what_rests_ends' });
});

it('an event can lose personal data after its payment did, and nothing else', async () => {
  const payment = await anOldPayment();
  const rewrite = (snapshot: string) =>
    owner.query(`UPDATE payment_events SET snapshot = ${snapshot} WHERE payment_id = $1`, [
      payment.id,
    ]);
  const rejected = { constraint: 'event_is_never_rewritten' };
  await expect(rewrite('without_personal_data(snapshot)')).rejects.toMatchObject(rejected);
  await walk('personal_data');
  await expect(rewrite(`'{}'`)).rejects.toMatchObject(rejected);
  await expect(rewrite('without_personal_data(snapshot)')).resolves.toBeDefined();
});

it.each(['api', 'webhook', 'operator'] as const)('%s may not end data', async (process) => {
  const pool = new Pool({ connectionString: database.urlAs(process) });
  for (const name of ['erase_personal_data', 'end_history', 'end_payments', 'end_batches'])
    await expect(pool.query(`SELECT ${name}('{}', now())`)).rejects.toMatchObject({
      code: '42501',
    });
  await pool.end();
});
