// Goal: a call continues a batch only where it is settled, also while the batch ends. Method: the
// store over a real database, beside a transaction that deletes the batch.
import { Pool } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { insertTestTerminal } from '../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { PaymentBatches } from './payment-batches.js';

let database: TestDatabase;
let pool: Pool;
let batches: PaymentBatches;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
  batches = new PaymentBatches(pool);
  await insertTestTerminal(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

it.each([
  ['continue is refused', 4, undefined],
  ['begin again begins', 1, { run: 1, settled: 0 }],
])('a call that would %s while its batch ends', async (_, firstLine, opened) => {
  const id = `ending-${firstLine}`;
  const batch = (await batches.open('mer_test', id, 1))!;
  await batches.advance(batch, { settled: 3, accepted: 3, replayed: 0, refused: 0 });
  const deleting = await pool.connect();
  await deleting.query('BEGIN');
  await deleting.query('DELETE FROM payment_batches WHERE id = $1', [id]);
  const opening = batches.open('mer_test', id, firstLine);
  await eventually(async () => {
    const { rows } = await pool.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    expect(rows).toHaveLength(1);
  });
  await deleting.query('COMMIT');
  deleting.release();
  const result = await opening;
  if (opened) expect(result).toMatchObject(opened);
  else expect(result).toBeUndefined();
  expect((await batches.find('mer_test', id))?.settled).toBe(opened?.settled);
});
