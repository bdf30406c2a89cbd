// Goal: a database in which payments share a transaction already is migrated, loses nothing, says so, and lets neither be refunded.
// Method: the migrations up to the one that makes transactions unique, rows as an older version left them, then the rest.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../tools/database/migrations.mjs';
import { root } from '../../tools/place.mjs';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

const MIGRATIONS = join(root, 'prisma', 'migrations');
const UNIQUE = '20261127000300_transactions_of_one_payment';

let database: TestDatabase;
let client: pg.Client;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  database = await createTestDatabase('nothing');
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** Applies what is older than the migration in question. */
async function migrateUpToIt(): Promise<void> {
  for (const name of readdirSync(MIGRATIONS).filter((one) => /^\d/.test(one) && one < UNIQUE))
    cpSync(join(MIGRATIONS, name), join(folder, name), { recursive: true });
  await migrate(database.url, folder);
}
async function migrateIt(): Promise<void> {
  cpSync(join(MIGRATIONS, UNIQUE), join(folder, UNIQUE), { recursive: true });
  await migrate(database.url, folder);
}

const PAYMENT = `
  INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, mode, lane, amount_minor, refunded_minor, currency, method,
    product_name, return_url, customer, metadata, status, version, epoch, inquiries, trans_id, flags, submit_before, created_at, updated_at)
  VALUES ($1, 'mer_1', $2, $3, 'live', 'default', 1111, 0, 'EUR', 'CC', 'x', 'https://x', '{}', '{}', 'succeeded', 1, 1, 0, $4, '{}',
    now(), now(), now())`;
const TERMINAL = `
  INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol, callback_encryption, mode,
    lane, inquiry, created_at)
  VALUES ($1, 'mer_1', $1, $2, 1, 'key', 'sealed', 'plain', 'none', 'live', 'default', 'reference', now())`;

it('keeps both payments of a pair, gives the transaction to the older one, and lets neither be refunded', async () => {
  await migrateUpToIt();
  await client.query(`INSERT INTO merchants VALUES ('mer_1', 'one', now())`);
  await client.query(TERMINAL, ['ter_1', 'https://gateway.example']);
  await client.query(TERMINAL, ['ter_2', 'https://GATEWAY.example:443/v2/']);
  await client.query(TERMINAL, ['ter_3', 'https://other.example']);
  await client.query('SET session_replication_role = replica');
  for (const [id, terminal, transId] of [
    ['pi_1', 'ter_1', '7'],
    ['pi_2', 'ter_2', '7'],
    ['pi_3', 'ter_3', '7'],
    ['pi_4', 'ter_1', '8'],
    ['pi_5', 'ter_1', null],
  ] as const)
    await client.query(PAYMENT, [id, terminal, `REF-${id}`, transId]);
  await client.query(
    `INSERT INTO payment_events (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
     SELECT id, 1, merchant_id, status, 'request', '{}', now() FROM payment_intents`,
  );
  await client.query('SET session_replication_role = DEFAULT');

  await migrateIt();
  const { rows } = await client.query(
    'SELECT id, trans_id, gateway, shares_transaction(p) AS shared FROM payment_intents p ORDER BY id',
  );
  expect(rows).toEqual([
    { id: 'pi_1', trans_id: '7', gateway: 'gateway.example', shared: true },
    { id: 'pi_2', trans_id: '7', gateway: null, shared: true },
    { id: 'pi_3', trans_id: '7', gateway: 'other.example', shared: false },
    { id: 'pi_4', trans_id: '8', gateway: 'gateway.example', shared: false },
    { id: 'pi_5', trans_id: null, gateway: null, shared: false },
  ]);
  await expect(
    client.query(`UPDATE payment_intents SET trans_id = '7' WHERE id = 'pi_5'`),
  ).rejects.toMatchObject({ constraint: 'one_payment_per_transaction' });
});
