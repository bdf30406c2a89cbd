// Goal: a search by the last four digits finds the newest payments, by any plan of Postgres.
// Method: more payments with one card than a search returns, in a real Postgres with the statistics
// of an empty table, read with the rights of the api.
import type { Pool } from 'pg';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { plantWatched } from '../../../../test/support/watched-payments.js';
import { createPool } from '../pool.js';
import { PaymentSearch } from './payment-search.js';
import { Reads } from '../replica/reads.js';

const FOUND_MAX = 25;

let database: TestDatabase;
let owner: Pool;
let api: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { applicationName: 'payment-search', connections: 2, onError: () => undefined };
  owner = createPool({ databaseUrl: database.url, ...options });
  api = createPool({ databaseUrl: database.urlAs('api'), ...options });
  await insertTestTerminal(owner);
  await owner.query('ANALYZE payment_intents');
  await plantWatched(owner, { count: 5_000, dueAt: new Date() });
  await owner.query(
    `UPDATE payment_intents SET card_first6 = '401200', card_last4 = '0026' WHERE id LIKE '%7'`,
  );
});
afterAll(async () => {
  await Promise.all([owner.end(), api.end()]);
  await database.drop();
});

it('returns the newest payments with a card, newest first', async () => {
  const { rows } = await owner.query<{ id: string }>(
    `SELECT id FROM payment_intents WHERE card_last4 = '0026' ORDER BY id DESC LIMIT ${FOUND_MAX}`,
  );
  expect(rows).toHaveLength(FOUND_MAX);
  const found = await new PaymentSearch(new Reads(api)).find('last_four', '0026');
  expect(found.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
});
