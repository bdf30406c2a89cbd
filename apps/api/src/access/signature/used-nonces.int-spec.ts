// Goal: all processes together accept a nonce once while its signature is valid, and none while
// Postgres is unavailable. Method: several stores, as of several processes, on one real Postgres.
import { createLogger } from '@quittance/platform';
import { isDatabaseUnavailable, SignatureNonces } from '@quittance/persistence';
import fc from 'fast-check';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.js';
import { linkTo, type SeverableLink } from '../../../../../test/support/severable-link.js';
import { UsedNonces } from './used-nonces.js';

const log = createLogger({ name: 'nonces', level: 'silent' });
const later = () => new Date(Date.now() + 300_000);

let database: TestDatabase;
let pool: Pool;
let link: SeverableLink;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
  link = await linkTo(database.url);
});
afterAll(async () => {
  await pool.end();
  await link.cut();
  await database.drop();
});
beforeEach(() => pool.query('TRUNCATE signature_nonces'));

const stored = async () =>
  Number(
    (await pool.query<{ n: string }>('SELECT count(*) AS n FROM signature_nonces')).rows[0]?.n,
  );

async function outcome(store: UsedNonces, keyId: string, nonce: string): Promise<string> {
  try {
    await store.use(keyId, { nonce, validUntil: later() });
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

it('each nonce of a key is accepted once, in any process and any batch', async () => {
  const use = fc.record({
    process: fc.integer({ min: 0, max: 2 }),
    keyId: fc.constantFrom('key_1', 'key_2'),
    nonce: fc.constantFrom('a', 'b', 'c', 'd'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(use, { minLength: 1, maxLength: 60 }), async (uses) => {
      await pool.query('TRUNCATE signature_nonces');
      const stores = [0, 1, 2].map(() => new UsedNonces(new SignatureNonces(pool), log));
      const all = uses.map(async ({ process, keyId, nonce }) => {
        const store = stores[process];
        return store && [`${keyId} ${nonce}`, await outcome(store, keyId, nonce)].join(': ');
      });
      const seen = await Promise.all(all);
      const asked = new Set(uses.map(({ keyId, nonce }) => `${keyId} ${nonce}`));
      for (const each of asked) {
        expect(seen.filter((one) => one === `${each}: accepted`)).toHaveLength(1);
      }
      const replayed = seen.filter((one) => one?.endsWith(': signature_replayed'));
      expect(replayed).toHaveLength(uses.length - asked.size);
      expect(await stored()).toBe(asked.size);
    }),
    { numRuns: 30 },
  );
});

it('a nonce is stored a minute longer than its signature is valid, by Postgres’ clock', async () => {
  const store = new UsedNonces(new SignatureNonces(pool), log);
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);
  await store.use('key_1', { nonce: 'over', validUntil: ago(61) });
  await store.use('key_1', { nonce: 'nearly over', validUntil: ago(30) });
  await store.use('key_1', { nonce: 'good', validUntil: later() });
  expect(await store.deleteExpired()).toBe('done');
  expect(await stored()).toBe(2);
  expect(await outcome(store, 'key_1', 'nearly over')).toBe('signature_replayed');
  expect(await outcome(store, 'key_1', 'over')).toBe('accepted');
});

it('many nonces are deleted by several processes at once', async () => {
  await pool.query(
    `INSERT INTO signature_nonces SELECT sha256(n::text::bytea), now() - interval '1 s' FROM generate_series(1, 25000) n`,
  );
  const stores = [0, 1].map(() => new UsedNonces(new SignatureNonces(pool), log));
  await Promise.all(
    stores.map(async (store) => {
      while ((await store.deleteExpired()) === 'again');
    }),
  );
  expect(await stored()).toBe(0);
});

it('no nonce is accepted while Postgres is unavailable, and the same one afterwards', async () => {
  const cut = new Pool({ connectionString: link.url });
  const store = new UsedNonces(new SignatureNonces(cut), log);
  await store.use('key_1', { nonce: 'before', validUntil: later() });
  cut.on('error', () => {});
  await link.cut();
  const error: unknown = await store
    .use('key_1', { nonce: 'meanwhile', validUntil: later() })
    .catch((reason: unknown) => reason);
  expect(isDatabaseUnavailable(error)).toBe(true);
  await link.mend();
  expect(await outcome(store, 'key_1', 'meanwhile')).toBe('accepted');
  expect(await outcome(store, 'key_1', 'before')).toBe('signature_replayed');
  await cut.end();
});
