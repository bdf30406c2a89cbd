// Every api stores which keys were used, at about the same time and each in the order in which it
// saw them.
import { createPool, StoredApiKeys } from '@quittance/persistence';
import { createLogger, newId, systemClock } from '@quittance/platform';
import type { Pool } from 'pg';
import { meet } from '../../../../test/support/concurrent-writers.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { digestOfKey, newApiKey } from '@quittance/api-keys';
import { ApiKeys } from './api-keys.js';

const UNUSED = 'SELECT FROM api_keys WHERE last_used_at IS NULL';

const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { databaseUrl: database.url, applicationName: 'key use' };
  pool = createPool({ ...options, connections: 5, onError: () => undefined });
  await pool.query("INSERT INTO merchants VALUES ('mer_1', 'acme', now())");
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function storedKey(): Promise<string> {
  const key = newApiKey();
  await pool.query(
    `INSERT INTO api_keys (id, merchant_id, secret_sha256, scopes, created_at) VALUES ($1, 'mer_1', $2, '{payments:read}', now())`,
    [newId('key'), digestOfKey(key)],
  );
  return key;
}

async function seenBy(used: readonly string[]): Promise<ApiKeys> {
  const keys = new ApiKeys(new StoredApiKeys(pool), systemClock, log);
  for (const key of used) await keys.callerOf(key);
  return keys;
}

it('is stored by two processes at once without a deadlock', async () => {
  const used = [await storedKey(), await storedKey(), await storedKey()];
  const [one, another] = [await seenBy(used), await seenBy(used.toReversed())];
  const middle = digestOfKey(used[1] ?? '');
  const { deadlocks } = await meet(pool, {
    hold: (client) =>
      client.query('SELECT FROM api_keys WHERE secret_sha256 = $1 FOR UPDATE', [middle]),
    end: 'COMMIT',
    one: () => one.recordUse(),
    another: () => another.recordUse(),
  });
  expect((await pool.query(UNUSED)).rowCount).toBe(0);
  expect(deadlocks).toBe(0);
});
