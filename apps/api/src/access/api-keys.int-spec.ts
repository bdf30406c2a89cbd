// Goal: a key that has ended cannot be distinguished from one that never existed, not even by time.
// Method: the same queries are counted for each kind, and each kind is timed in turn over real
// Postgres.
import { StoredApiKeys } from '@quittance/persistence';
import { createLogger, newId, systemClock } from '@quittance/platform';
import { Pool, type QueryConfig } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { digestOfKey, newApiKey } from '@quittance/api-keys';
import { ApiKeys } from './api-keys.js';

const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;
let asked: QueryConfig[];
let keys: ApiKeys;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
  await pool.query("INSERT INTO merchants VALUES ('mer_1', 'acme', now())");
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  asked = [];
  const counted = {
    query: (config: QueryConfig, values?: unknown[]) => {
      asked.push(config);
      return pool.query(config, values);
    },
  };
  keys = new ApiKeys(new StoredApiKeys(counted as Pool), systemClock, log);
});

async function stored(ends: 'never' | 'revoked' | 'expired'): Promise<string> {
  const key = newApiKey();
  await pool.query(
    `INSERT INTO api_keys (id, merchant_id, secret_sha256, scopes, created_at, revoked_at, expires_at)
     VALUES ($1, 'mer_1', $2, '{payments:read}', now(), $3, $4)`,
    [
      newId('key'),
      digestOfKey(key),
      ends === 'revoked' ? new Date(0) : null,
      ends === 'expired' ? new Date(0) : null,
    ],
  );
  return key;
}

const KINDS = {
  unknown: () => Promise.resolve(newApiKey()),
  revoked: () => stored('revoked'),
  expired: () => stored('expired'),
};

describe('an invalid key', () => {
  it.each(Object.entries(KINDS))('(%s) costs the same lookup every time', async (_, make) => {
    const key = await make();
    for (const times of [1, 2, 3]) {
      expect(await keys.callerOf(key)).toBeUndefined();
      expect(asked).toHaveLength(times);
    }
    expect(new Set(asked.map(({ name, text }) => `${name} ${text}`)).size).toBe(1);
    expect(keys.wasValid(key)).toBe(false);
  });

  it('takes as long as any other invalid key', async () => {
    const samples = { unknown: [] as number[], revoked: [] as number[], expired: [] as number[] };
    const made = new Map<string, string>();
    for (const [kind, make] of Object.entries(KINDS)) made.set(kind, await make());
    // In turn, so that the load of the machine affects all kinds alike.
    for (let round = 0; round < 400; round += 1) {
      for (const [kind, times] of Object.entries(samples)) {
        const before = performance.now();
        await keys.callerOf(made.get(kind) ?? '');
        times.push(performance.now() - before);
      }
    }
    const medians = Object.values(samples).map(
      (times) => times.toSorted((a, b) => a - b)[200] ?? 0,
    );
    // Catches a cached result, which is a hundred times faster than a lookup. On a busy machine
    // half of the lookups may be interrupted, and one median is several times another.
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(10);
  });
});

describe('a key that was valid', () => {
  it('is remembered until it is found to have ended', async () => {
    const key = await stored('never');
    expect(keys.wasValid(key)).toBe(false);
    expect(await keys.callerOf(key)).toMatchObject({
      merchantId: 'mer_1',
      scopes: ['payments:read'],
    });
    expect(keys.wasValid(key)).toBe(true);
    await pool.query('UPDATE api_keys SET revoked_at = now()');
    const later = new ApiKeys(new StoredApiKeys(pool), systemClock, log);
    expect(await later.callerOf(key)).toBeUndefined();
    expect(later.wasValid(key)).toBe(false);
  });
});

describe('the id of a key', () => {
  const idOf = async (key: string) => {
    const { rows } = await pool.query<{ id: string }>(
      'SELECT id FROM api_keys WHERE secret_sha256 = $1',
      [digestOfKey(key)],
    );
    return rows[0]?.id ?? '';
  };

  it('finds a valid key, whose use is noted only on request', async () => {
    const id = await idOf(await stored('never'));
    const caller = await keys.callerById(id);
    expect(caller).toMatchObject({ keyId: id, merchantId: 'mer_1', scopes: ['payments:read'] });
    const lastUse = async () => {
      await keys.recordUse();
      const sql = 'SELECT last_used_at FROM api_keys WHERE id = $1';
      return (await pool.query<{ last_used_at: Date | null }>(sql, [id])).rows[0]?.last_used_at;
    };
    expect(await lastUse()).toBeNull();
    if (caller) keys.noteUse(caller);
    expect(await lastUse()).toBeInstanceOf(Date);
  });

  it('does not find a key that is unknown, revoked or expired', async () => {
    for (const id of [
      newId('key'),
      await idOf(await stored('revoked')),
      await idOf(await stored('expired')),
    ]) {
      expect(await keys.callerById(id)).toBeUndefined();
    }
    expect(asked).toHaveLength(3);
    expect(await keys.callerById('key_1 OR true')).toBeUndefined();
    expect(asked).toHaveLength(3);
  });
});
