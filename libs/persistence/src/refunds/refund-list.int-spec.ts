// Goal: every set of conditions on refunds is answered from an index. Method: plans over thousands
// of refunds of one merchant, in both forms in which Postgres plans a named statement.
import type { Pool } from 'pg';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { Payments } from '../payments.js';
import { createPool } from '../pool.js';
import { listRefunds, type RefundFilter, RefundList } from './refund-list.js';
import { Refunds } from './refunds.js';

let database: TestDatabase;
let pool: Pool;
const payment = aPaidPayment();
const refund = aRefundOf(payment, { reference: 'RF-1', status: 'queued' });

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    databaseUrl: database.url,
    connections: 2,
    applicationName: 'refund-list',
    onError: () => undefined,
  });
  await insertTestTerminal(pool);
  await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
  await new Refunds(pool).request(refund);
  // Refunds without payments and events: the guards are disabled for that time.
  await pool.query(`
    BEGIN; SET LOCAL session_replication_role = replica;
    INSERT INTO refunds
    SELECT r.* FROM refunds s, generate_series(1, 5000) n, json_populate_record(s,
      json_build_object('id', 're_0' || n, 'payment_id', 'pi_0' || n, 'reference', 'X-' || n, 'status', 'succeeded',
        'created_at', s.created_at - interval '1 day')) r;
    COMMIT; ANALYZE refunds`);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const LITERALS: Readonly<Record<keyof RefundFilter, string>> = {
  paymentId: `'${payment.id}'`,
  reference: `'RF-1'`,
  status: `'{succeeded}'`,
  createdAfter: 'now()',
  createdBefore: 'now()',
  after: `'re_1'`,
};
const BY_MERCHANT = 'Index Scan using refunds_by_merchant';

it('finds the refunds since an instant by their time', async () => {
  const { text } = listRefunds(['createdAfter']);
  const recent = text.replace('$1', "'mer_test'").replace('$2', '20').replace('$3', 'now()');
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${recent}`);
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('refunds_by_time');
});

describe.each(['force_generic_plan', 'force_custom_plan'])('with %s', (mode) => {
  it.each<[(keyof RefundFilter)[], string]>([
    [[], BY_MERCHANT],
    [['after'], BY_MERCHANT],
    [['status'], BY_MERCHANT],
    [['createdBefore'], BY_MERCHANT],
    [['createdBefore', 'after'], BY_MERCHANT],
    [['reference'], 'Index Scan using refunds_merchant_id_reference_key'],
    [['paymentId'], 'Index Scan using refunds_by_payment'],
    [['paymentId', 'status', 'after'], 'Index Scan using refunds_by_payment'],
  ])('a list by %j uses its index', async (conditions, index) => {
    const client = await pool.connect();
    try {
      await client.query(`SET plan_cache_mode = ${mode}`);
      await client.query(`PREPARE list AS ${listRefunds(conditions).text}`);
      const values = ["'mer_test'", '20', ...conditions.map((name) => LITERALS[name])];
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN EXECUTE list (${values.join(', ')})`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain(index);
      expect(plan).not.toContain('Seq Scan');
    } finally {
      client.release(true);
    }
  });
});

it.each<[string, RefundFilter, string[]]>([
  ['a reference', { reference: 'RF-1' }, [refund.id]],
  ['a payment', { paymentId: payment.id }, [refund.id]],
  ['a status that two stored ones share', { status: 'pending' }, [refund.id]],
  ['a status of none', { status: 'failed' }, []],
  ['an instant before', { createdAfter: new Date(refund.createdAt.getTime() - 1) }, [refund.id]],
  ['its own instant', { createdAfter: refund.createdAt }, []],
  [
    'an instant after',
    { paymentId: payment.id, createdBefore: new Date(Date.now() + 1) },
    [refund.id],
  ],
  ['its own instant as the end', { paymentId: payment.id, createdBefore: refund.createdAt }, []],
])('finds by %s', async (_what, filter, expected) => {
  const found = await new RefundList(pool).read('mer_test', filter, 10);
  expect(found.map(({ id }) => id)).toEqual(expected);
  expect(await new RefundList(pool).read('mer_other', filter, 10)).toEqual([]);
});
