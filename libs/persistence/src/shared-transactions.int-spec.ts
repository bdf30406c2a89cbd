// Goal: payments that share a transaction in spite of the index (a restored backup, a superuser's
// psql) are recognized, and the index still refuses a third. Method: rows written with the triggers
// off, as the pair of an older payment and one without a gateway.
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const PAYMENT = `
  INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, mode, lane, amount_minor, refunded_minor, currency, method,
    product_name, return_url, customer, metadata, status, version, epoch, inquiries, trans_id, gateway, flags, submit_before,
    created_at, updated_at)
  VALUES ($1, 'mer_1', $2, $3, 'live', 'default', 1111, 0, 'EUR', 'CC', 'x', 'https://x', '{}', '{}', 'succeeded', 1, 1, 0, $4, $5,
    '{}', now(), now(), now())`;
const TERMINAL = `
  INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol, callback_encryption, mode,
    lane, inquiry, created_at)
  VALUES ($1, 'mer_1', $1, $2, 1, 'key', 'sealed', 'plain', 'none', 'live', 'default', 'reference', now())`;

it('finds both payments of a pair, and no other', async () => {
  await pool.query(`INSERT INTO merchants VALUES ('mer_1', 'one', now())`);
  await pool.query(TERMINAL, ['ter_1', 'https://gateway.example']);
  await pool.query(TERMINAL, ['ter_2', 'https://GATEWAY.example:443/v2/']);
  await pool.query(TERMINAL, ['ter_3', 'https://other.example']);
  await pool.query('SET session_replication_role = replica');
  for (const [id, terminal, transId, gateway] of [
    ['pi_1', 'ter_1', '7', 'gateway.example'],
    ['pi_2', 'ter_2', '7', null],
    ['pi_3', 'ter_3', '7', 'other.example'],
    ['pi_4', 'ter_1', '8', 'gateway.example'],
    ['pi_5', 'ter_1', null, null],
  ] as const)
    await pool.query(PAYMENT, [id, terminal, `REF-${id}`, transId, gateway]);
  await pool.query(
    `INSERT INTO payment_events (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
     SELECT id, 1, merchant_id, status, 'request', '{}', now() FROM payment_intents`,
  );
  await pool.query('SET session_replication_role = DEFAULT');

  const { rows } = await pool.query(
    'SELECT id, shares_transaction(p) AS shared FROM payment_intents p ORDER BY id',
  );
  expect(rows).toEqual([
    { id: 'pi_1', shared: true },
    { id: 'pi_2', shared: true },
    { id: 'pi_3', shared: false },
    { id: 'pi_4', shared: false },
    { id: 'pi_5', shared: false },
  ]);
  await expect(
    pool.query(`UPDATE payment_intents SET trans_id = '7' WHERE id = 'pi_5'`),
  ).rejects.toMatchObject({ constraint: 'one_payment_per_transaction' });
});
