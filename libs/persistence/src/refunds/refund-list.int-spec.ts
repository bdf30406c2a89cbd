// Goal: each condition on refunds selects what it says, of one merchant. bounded-page.int-spec.ts
// has what a list costs.
import type { Pool } from 'pg';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { Payments } from '../payments.js';
import { createPool } from '../pool.js';
import { type RefundFilter, RefundList } from './refund-list.js';
import { Refunds } from './refunds.js';
import { Reads } from '../replica/reads.js';

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
});
afterAll(async () => {
  await pool.end();
  await database.drop();
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
  const { rows } = await new RefundList(new Reads(pool)).read('mer_test', filter, 10);
  expect(rows.map(({ id }) => id)).toEqual(expected);
  const none = { rows: [], next: null };
  expect(await new RefundList(new Reads(pool)).read('mer_other', filter, 10)).toEqual(none);
});
