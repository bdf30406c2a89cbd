// Goal: a process follows its key file and announces exactly the keys that it has. Method: a file,
// a real Postgres, and one look after another.
import { createLogger, SecretDocument } from '@quittance/platform';
import { generateKeySets, type KeySetJson, newKey, parseNextKeySet } from '@quittance/vault';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { HOLDER_LOST_AFTER_MS, KeyHolders } from './key-holders.js';
import { KeyWatch } from './key-watch.js';

let database: TestDatabase;
let pool: Pool;
let folder: string;
let holders: KeyHolders;
let logged: string[];
const before = generateKeySets().webhook;
const { kid, whole } = newKey('terminalSecrets');
// The two files of a rotation: the new key is first added at the end of the list, then moved to its
// head.
const withSecrets = (list: KeySetJson['terminalSecrets']): KeySetJson => ({
  ...before,
  ...(list && { terminalSecrets: list }),
});
const prepared = withSecrets([...(before.terminalSecrets ?? []), { ...whole, prepared: true }]);
const rotated = withSecrets([whole, ...(before.terminalSecrets ?? [])]);

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
  holders = new KeyHolders(pool);
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
  logged = [];
  await pool.query('TRUNCATE key_holders, key_uses');
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const path = () => join(folder, 'webhook.json');
const write = (set: KeySetJson | string) =>
  writeFileSync(path(), typeof set === 'string' ? set : JSON.stringify(set));

function watch(): KeyWatch {
  const destination = { write: (line: string) => void logged.push(line) };
  const log = createLogger({ name: 'test', level: 'info', destination });
  const document = SecretDocument.read(path(), parseNextKeySet);
  return new KeyWatch({ app: 'webhook', document, pool, log });
}
const active = (set: KeySetJson) => set.terminalSecrets?.[0]?.['kid'];
const kids = (watched: KeyWatch) => watched.keys.terminalSecrets.map((key) => key.kid);
const announced = async () =>
  (await holders.list()).map(({ app, keys }) => [app, keys.terminalSecrets]);

it('announces its keys at the start, and withdraws them when it stops', async () => {
  write(before);
  const watched = watch();
  await watched.start();
  expect(await announced()).toEqual([['webhook', [active(before)]]]);
  await watched.stop();
  expect(await announced()).toEqual([]);
});

it('uses and announces a key as soon as it reads it in the file', async () => {
  write(before);
  const watched = watch();
  await watched.look();
  const { keys } = watched;
  write(prepared);
  await watched.look();
  expect(kids(watched)).toEqual([active(before), kid]);
  expect(await announced()).toEqual([['webhook', [active(before), kid]]]);
  write(rotated);
  await watched.look();
  expect(keys.terminalSecrets[0]?.kid).toBe(kid);
  expect(await announced()).toEqual([['webhook', [kid, active(before)]]]);
});

it.each([
  ['half a file', () => JSON.stringify(before).slice(0, 200)],
  ['a file without keys', () => '{}'],
  ['the file of another process', () => JSON.stringify(generateKeySets().operator)],
])('retains its keys and logs it once, without a key, for %s', async (_, wrong) => {
  write(before);
  const watched = watch();
  await watched.look();
  write(wrong());
  await watched.look();
  await watched.look();
  expect(kids(watched)).toEqual([active(before)]);
  expect(await announced()).toEqual([['webhook', [active(before)]]]);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('the keys stay as they were');
  for (const secret of [before.terminalSecrets![0]!['d'], before.callbackTokens![0]!['k']])
    expect(logged[0]).not.toContain(String(secret).slice(0, 8));
});

it('remembers when a key was last active, even after its process has ended', async () => {
  write(before);
  const watched = watch();
  await watched.start();
  await watched.stop();
  const unused = await holders.unusedMs('terminalSecrets', String(active(before)));
  expect(unused).toBeLessThan(60_000);
  expect(await holders.unusedMs('terminalSecrets', kid)).toBeUndefined();
});

it('counts a silent process for its time, and no longer', async () => {
  write(before);
  await watch().look();
  const age = (ms: number) =>
    pool.query(`UPDATE key_holders SET seen_at = now() - $1 * interval '1 millisecond'`, [ms]);
  await age(HOLDER_LOST_AFTER_MS - 10_000);
  expect(await announced()).toHaveLength(1);
  await age(HOLDER_LOST_AFTER_MS + 1);
  expect(await announced()).toHaveLength(0);
});
