// Goal: a reader of `/v1/events` sees every event exactly once, in a stable order, even when
// transactions commit late. Method: the running api over real Postgres, with transactions that the
// test holds open.
import { eventually } from '../../../../test/support/eventually.js';
import { aPayment } from '../../../../test/support/payments.js';
import type { RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { paymentEventSchema } from '@quittance/events';
import fc from 'fast-check';
import { Payments } from '@quittance/persistence';
import { Client, type Pool, type PoolClient } from 'pg';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

/**
 * Reads once everything committed so far may be listed; the relay's transactions are in this
 * database too.
 */
async function read(after: string | null, limit = 100) {
  const { rows } = await rig.pool.query<{ tx: string }>('SELECT pg_current_xact_id()::text AS tx');
  await eventually(async () => {
    const horizon = 'SELECT events_horizon() > $1::xid8 AS "isPast"';
    const answer = await rig.pool.query<{ isPast: boolean }>(horizon, [rows[0]?.tx]);
    expect(answer.rows[0]?.isPast).toBe(true);
  });
  return readNow(after, limit);
}

async function readNow(after: string | null, limit = 100) {
  const query = `limit=${limit}${after === null ? '' : `&after=${after}`}`;
  const { status, body } = await rig.ask('GET', `/v1/events?${query}`, { key: merchant.key });
  expect(status).toBe(200);
  return {
    events: body['data'] as RequestBody[],
    next: String(body['next']),
    hasMore: body['has_more'],
  };
}

/** Accepts a payment in a transaction that the returned function commits. */
async function acceptSlowly(reference: string): Promise<() => Promise<void>> {
  const client: PoolClient = await rig.pool.connect();
  await client.query('BEGIN');
  const oneClient = { query: client.query.bind(client) } as unknown as Pool;
  await accept(new Payments(oneClient), reference);
  return async () => {
    await client.query('COMMIT');
    client.release();
  };
}

async function accept(payments: Payments, reference: string): Promise<void> {
  const { id: merchantId, terminalId } = merchant;
  const payment = aPayment({ merchantId, terminalId, reference });
  await payments.accept({ payment, terminalName: 'main', sealedCard: null });
}

/** Opens a transaction with an id that then idles, in a database of the same server. */
async function idleTransactionIn(database: string) {
  const url = new URL(rig.database.url);
  url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT pg_current_xact_id()');
  return client;
}

/** Uses up transaction ids until the server's counter is beyond `id`. */
async function advanceBeyond(id: number): Promise<void> {
  await rig.pool.query(`
    DO $$ BEGIN
      WHILE pg_current_xact_id() <= '${id}'::xid8 LOOP COMMIT; END LOOP;
    END $$`);
}

/**
 * Sets the transaction ids of the payments `TX-<id>`, as if they had been written then. The guards
 * against rewriting are disabled for that time.
 */
async function renumber(ids: readonly number[]): Promise<void> {
  const client = await rig.pool.connect();
  await client.query('BEGIN');
  await client.query('SET LOCAL session_replication_role = replica');
  for (const id of ids)
    await client.query(
      `UPDATE payment_events e SET tx = $1::text::xid8 FROM payment_intents p
       WHERE p.id = e.payment_id AND p.reference = $2 AND p.merchant_id = $3`,
      [String(id), `TX-${id}`, merchant.id],
    );
  await client.query('COMMIT');
  client.release();
}

const ALL_IN_ORDER = `
  SELECT p.reference FROM payment_events e JOIN payment_intents p ON p.id = e.payment_id
  WHERE e.merchant_id = $1 ORDER BY e.tx, e.payment_id, e.sequence`;
const IDS_IN_ORDER = `
  SELECT 'evt_' || substr(e.payment_id, 4) || '_' || e.sequence AS id FROM payment_events e
  WHERE e.merchant_id = $1 ORDER BY e.tx, e.payment_id, e.sequence`;

/**
 * Accepts a payment in a transaction that lasts for some more statements and then commits or rolls
 * back.
 */
async function writeSlowly({
  reference,
  steps,
  isKept,
}: {
  reference: string;
  steps: number;
  isKept: boolean;
}) {
  const client = await rig.pool.connect();
  await client.query('BEGIN');
  await accept(new Payments({ query: client.query.bind(client) } as unknown as Pool), reference);
  for (let step = 0; step < steps; step += 1) await client.query('SELECT 1');
  await client.query(isKept ? 'COMMIT' : 'ROLLBACK');
  client.release();
}

const subjects = (events: readonly RequestBody[]) =>
  events.map(({ data }) => ((data as RequestBody)['payment_intent'] as RequestBody)['reference']);

describe('the list of events', () => {
  it('contains every event as it was published, oldest first', async () => {
    const { body } = await rig.create(merchant);
    await rig.ask('POST', `/v1/payment-intents/${String(body['id'])}/cancel`, {
      key: merchant.key,
    });
    const { events } = await read(null);
    expect(events.map(({ type }) => type)).toEqual(['payment.queued.v1', 'payment.cancelled.v1']);
    for (const event of events) expect(paymentEventSchema.parse(event)).toEqual(event);
    expect(events[1]?.['data']).toMatchObject({
      merchant: merchant.id,
      sequence: 2,
      previous_status: 'queued',
      cause: 'request',
      payment_intent: { id: body['id'], status: 'cancelled' },
    });
  });

  it('continues from its cursor, also from its end', async () => {
    for (const reference of ['A', 'B', 'C']) await rig.create(merchant, { reference });
    const first = await read(null, 2);
    expect(first.hasMore).toBe(true);
    const second = await read(first.next, 2);
    expect(second.hasMore).toBe(false);
    expect(subjects([...first.events, ...second.events])).toEqual(['A', 'B', 'C']);
    const end = await read(second.next);
    expect(end.events).toEqual([]);
    await rig.create(merchant, { reference: 'D' });
    expect(subjects((await read(end.next)).events)).toEqual(['D']);
  });

  it('has a cursor even while it is empty', async () => {
    const empty = await read(null);
    await rig.create(merchant);
    expect((await read(empty.next)).events).toHaveLength(1);
  });

  it('holds back events newer than an open transaction, and then skips none', async () => {
    const commit = await acceptSlowly('SLOW');
    await rig.create(merchant, { reference: 'FAST' });
    const early = await readNow(null);
    expect(early.events).toEqual([]);
    await commit();
    expect(subjects((await read(early.next)).events)).toEqual(['SLOW', 'FAST']);
  });

  it('waits for transactions of this database only', async () => {
    const elsewhere = await idleTransactionIn('postgres');
    await rig.create(merchant, { reference: 'WHILE' });
    expect(subjects((await read(null)).events)).toEqual(['WHILE']);
    await elsewhere.end();
  });

  it('uses the whole server’s horizon when it may not see others’ transactions', async () => {
    const owner = `blind_${rig.database.name}`;
    await rig.pool.query(`CREATE ROLE ${owner}`);
    await rig.pool.query(`ALTER FUNCTION events_horizon() OWNER TO ${owner}`);
    const elsewhere = await idleTransactionIn('postgres');
    await rig.create(merchant, { reference: 'WHILE' });
    expect((await readNow(null)).events).toEqual([]);
    await elsewhere.end();
    await eventually(async () => expect(subjects((await readNow(null)).events)).toEqual(['WHILE']));
    await rig.pool.query('ALTER FUNCTION events_horizon() OWNER TO CURRENT_USER');
    await rig.pool.query(`DROP ROLE ${owner}`);
  });

  it.each([1, 5, 17, 100])(
    'is in the order of transactions across powers of ten, %d at a time',
    async (limit) => {
      const ids = [
        [7, 8, 9, 10, 11, 98, 99, 100, 101, 997, 998, 999, 1_000, 1_001, 1_010, 2_000],
        [9_998, 9_999, 10_000, 10_001, 10_100, 4_294_967_296],
      ].flat();
      const references = ids.map((id) => `TX-${id}`);
      for (const reference of references.toSorted()) await rig.create(merchant, { reference });
      await renumber(ids);
      await advanceBeyond(10_100);
      const { rows } = await rig.pool.query<{ reference: string }>(ALL_IN_ORDER, [merchant.id]);
      const expected = rows.map(({ reference }) => reference);
      expect(expected.filter((reference) => reference !== 'TX-4294967296')).toEqual(
        references.slice(0, -1),
      );
      const listed: unknown[] = [];
      let after: string | null = null;
      for (;;) {
        const page = await read(after, limit);
        listed.push(...subjects(page.events));
        after = page.next;
        if (page.hasMore !== true) break;
      }
      // The last transaction is ahead of the server's counter, so it is held back.
      expect(listed).toEqual(references.slice(0, -1));
    },
  );

  it('has each event once, in the table’s order, for a reader during writes of every kind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ steps: fc.nat(3), isKept: fc.boolean() }), {
          minLength: 8,
          maxLength: 24,
        }),
        fc.constantFrom(1, 3, 7, 100),
        async (plans, limit) => {
          merchant = await rig.addMerchant();
          const queue = plans.map((plan, at) => ({ ...plan, reference: `R-${at}` }));
          const write = async () => {
            for (let plan = queue.shift(); plan; plan = queue.shift()) await writeSlowly(plan);
          };
          let isWriting = true;
          const writers = Promise.all([write(), write(), write(), write()]).finally(() => {
            isWriting = false;
          });
          const listed: string[] = [];
          let after: string | null = null;
          for (let isLast = false; !isLast;) {
            isLast = !isWriting;
            for (let hasMore = true; hasMore;) {
              const page = await (isLast ? read : readNow)(after, limit);
              listed.push(...page.events.map(({ id }) => String(id)));
              after = page.next;
              hasMore = page.hasMore === true;
            }
          }
          await writers;
          const { rows } = await rig.pool.query<{ id: string }>(IDS_IN_ORDER, [merchant.id]);
          expect(listed).toEqual(rows.map(({ id }) => id));
        },
      ),
      { numRuns: 12 },
    );
  });

  it.each(['x', 'MS4x', ''])('rejects the cursor %p', async (cursor) => {
    const path = `/v1/events?after=${cursor}`;
    const answer = await rig.ask('GET', path, { key: merchant.key });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'after' }] } });
  });
});
