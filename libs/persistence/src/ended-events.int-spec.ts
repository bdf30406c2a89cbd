// Goal: a reader of the list of events learns exactly when an event after its cursor was deleted,
// and of its own merchant's events alone. Method: payments of two merchants whose history or whole
// ends in arbitrary batches, read from every position of the list as it was.
import fc from 'fast-check';
import type { Pool } from 'pg';
import type { Payment } from '@quittance/payments';
import { newId } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { insertTestTerminal } from '../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { aPaidPayment, aRefundOf, dispute } from '../../../test/support/refunds.js';
import { type EventCursor, EventList, LIST_EVENTS } from './event-list.js';
import { Payments } from './payments.js';
import { createPool } from './pool.js';
import { Refunds } from './refunds/refunds.js';
import { Reads } from './replica/reads.js';

let database: TestDatabase;
let owner: Pool;
let workers: Pool;
let readers: Pool;
let events: EventList;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { connections: 8, applicationName: 'test', onError: () => undefined };
  owner = createPool({ databaseUrl: database.url, ...options });
  workers = createPool({ databaseUrl: database.urlAs('worker'), ...options });
  readers = createPool({ databaseUrl: database.urlAs('api'), ...options });
  events = new EventList(new Reads(readers));
  await insertTestTerminal(owner);
});
beforeEach(addMerchants);
afterAll(async () => {
  await Promise.all([owner.end(), workers.end(), readers.end()]);
  await database.drop();
});

const START: EventCursor = { tx: '0', subject: '', sequence: 0, endings: '0' };

/** The two merchants of a test, in the order of their ids. */
let merchant: string;
let other: string;

/** Adds two merchants, each with a terminal of the gateway of the first one. */
async function addMerchants(): Promise<void> {
  merchant = newId('mer');
  other = newId('mer');
  for (const id of [merchant, other]) {
    await owner.query(`INSERT INTO merchants VALUES ($1, $1, now())`, [id]);
    await owner.query(
      `INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol,
         callback_encryption, mode, lane, inquiry, created_at)
       SELECT replace($1, 'mer_', 'ter_'), $1, name, base_url, (SELECT max(number) + 1 FROM terminals), public_key,
         sealed_private_key, protocol, callback_encryption, mode, lane, inquiry, created_at FROM terminals WHERE id = 'ter_test'`,
      [id],
    );
  }
}

/** A payment at rest, with one event, or with three. */
async function aPaymentOf(merchantId: string, count: 1 | 3): Promise<Payment> {
  const terminalId = merchantId.replace('mer_', 'ter_');
  const payment = aPaidPayment({ merchantId, terminalId, nextStepAt: null });
  await new Payments(owner).accept({ payment, terminalName: 'main', sealedCard: null });
  if (count === 1) return payment;
  await dispute(owner, payment);
  await owner.query(
    `WITH p AS (UPDATE payment_intents SET status = 'charged_back', version = version + 1 WHERE id = $1
       RETURNING id, version, merchant_id)
     INSERT INTO payment_events (payment_id, sequence, merchant_id, status, previous_status, cause, snapshot, created_at)
     SELECT id, version, merchant_id, 'charged_back', 'disputed', 'inquiry', '{}', now() FROM p`,
    [payment.id],
  );
  return payment;
}

type Ending = 'end_history' | 'end_payments';

const end = (ending: Ending, ...payments: readonly Payment[]) =>
  workers.query(`SELECT ${ending}($1, now())`, [payments.map(({ id }) => id)]);

/** The cursors at all events of the merchant, in the order of the list. */
async function cursorsOf(merchantId: string): Promise<EventCursor[]> {
  const { rows } = await owner.query<EventCursor>(
    `SELECT e.tx::text AS tx, e.subject, e.sequence, '0' AS endings FROM (
       SELECT tx, payment_id AS subject, sequence, merchant_id FROM payment_events
       UNION ALL SELECT tx, refund_id, sequence, merchant_id FROM refund_events) e
     WHERE e.merchant_id = $1 ORDER BY e.tx, e.subject, e.sequence`,
    [merchantId],
  );
  return rows;
}

const nameOf = ({ subject, sequence }: EventCursor) => `${subject} ${sequence}`;

/** Expects `isGone` at each of the cursors where a later one of them has no event any more. */
async function expectGoneWhereOneIsMissing(merchantId: string, before: readonly EventCursor[]) {
  const left = new Set((await cursorsOf(merchantId)).map(nameOf));
  const gone = before.map((cursor) => !left.has(nameOf(cursor)));
  const cursors = [START, ...before];
  const read = await Promise.all(
    cursors.map((after) => events.read(merchantId, { after, limit: 1 })),
  );
  expect(read.map(({ isGone }) => isGone)).toEqual(
    cursors.map((_, at) => gone.slice(at).includes(true)),
  );
}

const onePayment = fc.record({
  merchant: fc.integer({ min: 0, max: 1 }),
  count: fc.constantFrom(1 as const, 3 as const),
  // The batch that ends it, and how; without one it stays.
  ending: fc.option(
    fc.record({
      batch: fc.integer({ min: 0, max: 2 }),
      by: fc.constantFrom<Ending>('end_history', 'end_payments'),
    }),
  ),
});

it('says so at every cursor with a deleted event behind it, and at no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(onePayment, { minLength: 1, maxLength: 8 }), async (plans) => {
      await addMerchants();
      const merchants = [merchant, other];
      const made: { payment: Payment; plan: (typeof plans)[number] }[] = [];
      for (const plan of plans)
        made.push({ plan, payment: await aPaymentOf(merchants[plan.merchant]!, plan.count) });
      const before = await Promise.all(merchants.map(cursorsOf));
      for (const batch of [0, 1, 2]) {
        for (const by of ['end_history', 'end_payments'] as const) {
          const due = made.filter(
            ({ plan: { ending } }) => ending?.batch === batch && ending.by === by,
          );
          if (due.length > 0) await end(by, ...due.map(({ payment }) => payment));
        }
        for (const [index, id] of merchants.entries())
          await expectGoneWhereOneIsMissing(id, before[index]!);
      }
    }),
    { numRuns: 8 },
  );
});

it('counts the events of refunds too', async () => {
  const payment = await aPaymentOf(merchant, 1);
  await new Refunds(owner).request(aRefundOf(payment));
  const newer = await aPaymentOf(merchant, 1);
  const before = await cursorsOf(merchant);
  await owner.query(`BEGIN; SET LOCAL session_replication_role = replica;
    UPDATE refunds SET status = 'failed', failure_code = 'x', next_step_at = NULL WHERE payment_id = '${payment.id}';
    UPDATE payment_intents SET refund_reserved_minor = NULL WHERE id = '${payment.id}'; COMMIT`);
  await end('end_payments', payment);
  expect((await cursorsOf(merchant)).map(({ subject }) => subject)).toEqual([newer.id]);
  expect(before).toHaveLength(3);
  await expectGoneWhereOneIsMissing(merchant, before);
});

it('passes over an event of a refund from before the list of events', async () => {
  const payment = await aPaymentOf(merchant, 1);
  await new Refunds(owner).request(aRefundOf(payment));
  await owner.query(`BEGIN; SET LOCAL session_replication_role = replica;
    ALTER TABLE refund_events DROP CONSTRAINT refund_event_is_publishable;
    UPDATE refund_events SET merchant_id = NULL, payment_id = NULL, payment_version = NULL, snapshot = NULL, tx = NULL
    WHERE payment_id = '${payment.id}'; COMMIT`);
  await expect(owner.query('DELETE FROM refund_events WHERE tx IS NULL')).resolves.toBeDefined();
  const { rows } = await owner.query('SELECT FROM ended_events WHERE merchant_id = $1', [merchant]);
  expect(rows).toEqual([]);
  await owner.query(`ALTER TABLE refund_events ADD CONSTRAINT refund_event_is_publishable
    CHECK (num_nonnulls(merchant_id, payment_id, payment_version, snapshot, tx) = 5) NOT VALID`);
});

describe('a reader that begins', () => {
  const beginning: EventCursor = { ...START, endings: null };

  it('reads what is left to its end, and what was deleted before is not missing', async () => {
    const [old, newer] = [await aPaymentOf(merchant, 3), await aPaymentOf(merchant, 3)];
    await end('end_history', old, newer);
    const first = await events.read(merchant, { after: beginning, limit: 1 });
    expect(first).toMatchObject({ isGone: false, events: [{ paymentId: old.id, sequence: 3 }] });
    const rest = await events.read(merchant, { after: first.end, limit: 10 });
    expect(rest).toMatchObject({ isGone: false, events: [{ paymentId: newer.id }] });
  });

  it('is as any other from then on', async () => {
    const [old, newer] = [await aPaymentOf(merchant, 3), await aPaymentOf(merchant, 3)];
    await end('end_history', old);
    const { end: cursor } = await events.read(merchant, { after: beginning, limit: 1 });
    await end('end_history', newer);
    expect(await events.read(merchant, { after: cursor, limit: 1 })).toMatchObject({
      isGone: true,
      events: [],
    });
  });

  it('of an empty list too', async () => {
    const { end: cursor } = await events.read(merchant, { after: beginning, limit: 1 });
    await end('end_payments', await aPaymentOf(merchant, 1));
    expect(await events.read(merchant, { after: cursor, limit: 1 })).toMatchObject({
      isGone: true,
    });
  });
});

it('a reader that accepts the gap continues at its place, until a further event is deleted', async () => {
  const old = await aPaymentOf(merchant, 3);
  const [cursor] = await cursorsOf(merchant);
  const newer = await aPaymentOf(merchant, 3);
  await end('end_history', old);
  const { end: accepted } = await events.read(merchant, { after: cursor!, limit: 1 });
  expect(accepted).toEqual({ ...cursor, endings: '1' });
  const read = await events.read(merchant, { after: accepted, limit: 2 });
  expect(read).toMatchObject({
    isGone: false,
    events: [
      { paymentId: old.id, sequence: 3 },
      { paymentId: newer.id, sequence: 1 },
    ],
  });
  await end('end_history', newer);
  expect(await events.read(merchant, { after: accepted, limit: 1 })).toMatchObject({
    isGone: true,
  });
  expect(await events.read(merchant, { after: read.end, limit: 1 })).toMatchObject({
    isGone: true,
  });
});

it('a page whose events are deleted between the horizon and the page is gone', async () => {
  const payment = await aPaymentOf(merchant, 3);
  const query = async (statement: unknown) => {
    if ((statement as { name: string }).name === LIST_EVENTS.name)
      await end('end_history', payment);
    return readers.query(statement as string);
  };
  const list = new EventList(new Reads({ query }));
  expect(await list.read(merchant, { after: START, limit: 1 })).toMatchObject({ isGone: true });
});

it('a page is whole until the deletion of its events commits', async () => {
  const payment = await aPaymentOf(merchant, 3);
  const page = () => events.read(merchant, { after: START, limit: 10 });
  await eventually(async () => expect((await page()).events).toHaveLength(3));
  const ending = await workers.connect();
  await ending.query('BEGIN');
  await ending.query('SELECT end_history($1, now())', [[payment.id]]);
  expect(await page()).toMatchObject({ isGone: false, events: { length: 3 } });
  await ending.query('COMMIT');
  ending.release();
  expect(await page()).toMatchObject({ isGone: true });
});

it('no page lacks an event that it does not call gone, while payments end', async () => {
  const payments: Payment[] = [];
  for (let index = 0; index < 40; index += 1)
    payments.push(await aPaymentOf(index % 2 === 0 ? merchant : other, 3));
  const before = await cursorsOf(merchant);
  let isEnding = true;
  const ending = (async () => {
    for (const [index, payment] of payments.entries())
      await end(index % 3 === 0 ? 'end_payments' : 'end_history', payment);
  })().finally(() => {
    isEnding = false;
  });
  const reading = Array.from({ length: 3 }, async (_, reader) => {
    for (let at = reader; isEnding; at = (at + 7) % before.length) {
      const read = await events.read(merchant, { after: before[at]!, limit: 5 });
      if (read.isGone) continue;
      const names = read.events.map(({ paymentId, sequence }) => `${paymentId} ${sequence}`);
      // A transaction in progress may hold the end of the list back.
      const expected = before.slice(at + 1, at + 6).map(nameOf);
      expect(names).toEqual(expected.slice(0, names.length));
      if (read.hasMore) expect(names).toHaveLength(5);
    }
  });
  await Promise.all([ending, ...reading]);
  await expectGoneWhereOneIsMissing(merchant, before);
});

it('two walks that delete of several merchants take turns, and readers wait for none', async () => {
  const payments = [await aPaymentOf(merchant, 3), await aPaymentOf(other, 3)];
  const others = [await aPaymentOf(other, 3), await aPaymentOf(merchant, 3)];
  const first = await workers.connect();
  await first.query('BEGIN');
  await first.query('SELECT end_history($1, now())', [payments.map(({ id }) => id)]);
  const second = end('end_payments', ...others);
  await eventually(async () => {
    const { rows } = await owner.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    expect(rows).toHaveLength(1);
  });
  expect(await events.read(other, { after: START, limit: 1 })).toMatchObject({ isGone: false });
  await first.query('COMMIT');
  first.release();
  await second;
  for (const id of [merchant, other])
    expect(await events.read(id, { after: START, limit: 1 })).toMatchObject({
      end: { endings: '2' },
    });
});
