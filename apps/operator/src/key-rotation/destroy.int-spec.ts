// Goal: no key is destroyed while anything needs it, and the error counts everything that does.
// Method: one row of each kind of need over a real Postgres and Redis, and the same command again
// once that row is gone.
import { type Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import {
  CardSecret,
  holdersOf,
  KEY_DISTRIBUTION,
  type KeyPurpose,
  parseKeySet,
  sealCallback,
  sealCard,
  sealSecret,
} from '@quittance/vault';
import { Redis } from 'ioredis';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { emptyPayments } from '../../../../test/support/postgres.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { ADD_TERMINAL, CliRig, type CliResult } from '../../test/cli-rig.js';
import { type KeyFiles, KeyFolderRig } from '../../test/key-folder-rig.js';
import { SETTLES_AFTER_MS } from './needs.js';

let cli: CliRig;
let folder: KeyFolderRig;
let share: TestRedis;
let redis: Redis;

beforeAll(async () => {
  cli = await CliRig.start();
  folder = new KeyFolderRig(cli);
  share = createTestRedis();
  redis = new Redis(share.url);
});
beforeEach(async () => {
  await folder.reset();
  await emptyPayments(cli.pool);
  await insertTestTerminal(cli.pool, { sealedPrivateKey: await terminalSecret() });
});
afterEach(() => share.clear());
afterAll(async () => {
  await redis.quit();
  folder.remove();
  await cli.stop();
});

const keys = () => parseKeySet(folder.read().worker);
const terminalSecret = () => sealSecret('x', { terminalId: 'ter_test', keys: keys() });
const destroy = (kid: string, more: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  folder.runIn(
    { REDIS_URL: share.url, QUEUE_PREFIX: share.prefix, ...more },
    'destroy',
    kid,
    '--offline',
  );

/** Rotates and returns the retired kid; no process runs. */
async function retire(use: string, purpose: KeyPurpose): Promise<string> {
  const kid = folder.kids('worker', purpose)[0]!;
  expect((await folder.run('rotate', '--use', use, '--offline')).exitCode).toBe(0);
  return kid;
}

async function accept(overrides: Partial<Payment>, sealedCard: string | null = null) {
  const payment = aPayment(overrides);
  await new Payments(cli.pool).accept({ payment, terminalName: 'main', sealedCard });
  return payment;
}

/**
 * Expects a rejection with these words, and success after `mend`; the files contain the key exactly
 * until then.
 */
async function expectNeed(
  [use, purpose]: readonly [string, KeyPurpose],
  words: string,
  mend: (kid: string) => Promise<unknown>,
): Promise<void> {
  const kid = await retire(use, purpose);
  const refused = await destroy(kid);
  expect(refused.exitCode).toBe(1);
  expect(refused.err).toContain(words);
  for (const holder of holdersOf(purpose)) expect(folder.kids(holder, purpose)).toContain(kid);
  await mend(kid);
  expect(await destroy(kid)).toMatchObject({ exitCode: 0, out: '' });
  expectGone(purpose, kid);
}
function expectGone(purpose: KeyPurpose, kid: string): void {
  for (const holder of holdersOf(purpose)) {
    expect(folder.kids(holder, purpose)).not.toContain(kid);
    expect(folder.kids(holder, purpose)).toHaveLength(1);
  }
}
const mended = (sql: string) => () => cli.pool.query(sql);

describe('a key cannot be destroyed', () => {
  it('while a stored card needs it', async () => {
    const payment = aPayment({ status: 'queued' });
    const card = { number: new CardSecret('4012000033330026'), cvv: new CardSecret('123') };
    const sealed = await sealCard(
      { ...card, expMonth: '01', expYear: '30' },
      { paymentId: payment.id, keys: keys() },
    );
    await accept(payment, sealed);
    await expectNeed(
      ['cards', 'cards'],
      '1 stored cards',
      mended('UPDATE payment_intents SET sealed_card = NULL'),
    );
  });

  it('while a terminal’s private key needs it', async () => {
    await expectNeed(['secrets', 'terminalSecrets'], '1 private keys of terminals', async () =>
      cli.pool.query('UPDATE terminals SET sealed_private_key = $1', [await terminalSecret()]),
    );
  });

  it.each(['-callbacks-kept', '-callbacks-kept-set-aside'])(
    'while a callback in the Redis list …%s needs it',
    async (list) => {
      const sealed = await sealCallback('{}', { paymentId: 'pi_1', keys: keys() });
      await redis.rpush(share.prefix + list, 'no JSON', JSON.stringify({ paymentId: 'x', sealed }));
      await cli.pool.query('DELETE FROM terminals');
      await expectNeed(['secrets', 'terminalSecrets'], '1 callbacks', () =>
        redis.del(share.prefix + list),
      );
    },
  );

  const awaiting = { status: 'requiresAction', transId: '1', attempt: 1 } as const;
  const ended = { status: 'succeeded', transId: '1', attempt: 1 } as const;
  const madeWith = () =>
    cli.pool.query('UPDATE payment_intents SET callback_kid = $1', [
      folder.kids('worker', 'callbackTokens')[0],
    ]);
  const long = new Date(Date.now() - 31 * 86_400_000);

  it.each<[string, Partial<Payment>, boolean, string]>([
    ['open', { ...awaiting, createdAt: long, updatedAt: long }, true, '1 open payments'],
    ['recently ended', { ...ended, updatedAt: new Date() }, true, '1 ended payments'],
    ['open, without a recorded key', awaiting, false, '1 payments with an unknown callback key'],
    [
      'recently ended, without a recorded key',
      { ...ended, updatedAt: new Date() },
      false,
      '1 payments with an unknown callback key',
    ],
  ])('while a payment that is %s needs it', async (_, state, isNoted, words) => {
    await accept(state);
    if (isNoted) await madeWith();
    await expectNeed(['callbacks', 'callbackTokens'], words, () => emptyPayments(cli.pool));
  });

  it.each<[string, Partial<Payment>]>([
    ['ended before the grace period', { ...ended, createdAt: long, updatedAt: long }],
    ['was never sent', { status: 'queued', attempt: 0 }],
  ])('except when the only payment %s', async (_, state) => {
    await accept(state);
    const kid = await retire('callbacks', 'callbackTokens');
    expect(await destroy(kid)).toMatchObject({ exitCode: 0 });
  });

  it('except when the only payment’s address uses another key', async () => {
    const kid = await retire('callbacks', 'callbackTokens');
    await accept(awaiting);
    await madeWith();
    expect(await destroy(kid)).toMatchObject({ exitCode: 0 });
  });

  it('while a process has not loaded the next key', async () => {
    const before = folder.read();
    // The rotation needs no confirmation, because the process reports its keys only afterwards.
    const kid = await retire('cards', 'cards');
    await folder.announce('api', before.api);
    expect((await destroy(kid)).err).toContain('1 running processes whose active key it is');
    for (const holder of holdersOf('cards')) expect(folder.kids(holder, 'cards')).toContain(kid);
  });

  it('until some time after its last activity in any process', async () => {
    const { api } = folder.read();
    const kid = await retire('cards', 'cards');
    await folder.announce('api', api);
    await cli.pool.query('TRUNCATE key_holders');
    await folder.ageUses(SETTLES_AFTER_MS - 60_000);
    expect((await destroy(kid)).err).toMatch(
      /work that was begun with it while it was active: wait (\d+s|1m) more/,
    );
    await folder.ageUses(60_000);
    expect(await destroy(kid)).toMatchObject({ exitCode: 0 });
  });

  it('while it is active', async () => {
    const [kid = ''] = folder.kids('worker', 'cards');
    expect((await destroy(kid)).err).toContain('is the active cards key');
    expect((await destroy('cards-00000000')).err).toContain('There is no key cards-00000000');
  });

  it('while Redis is unavailable', async () => {
    const kid = await retire('secrets', 'terminalSecrets');
    await cli.pool.query('DELETE FROM terminals');
    expect((await destroy(kid, { REDIS_URL: '' })).err).toContain('REDIS_URL is not set');
    expect(folder.kids('worker', 'terminalSecrets')).toContain(kid);
  });
});

it('stays in the processes that decrypt when new work needs it during the destruction', async () => {
  const { api } = folder.read();
  const kid = await retire('cards', 'cards');
  await folder.announceAll();
  const running = folder.run('destroy', kid, '--wait', '30s');
  // A late encryption: committed after the first count, and before the API reported that the key is
  // gone.
  while (folder.kids('api', 'cards').includes(kid)) await new Promise(setImmediate);
  const payment = aPayment({ status: 'queued' });
  const card = { number: new CardSecret('4012000033330026'), cvv: new CardSecret('123') };
  const late = await sealCard(
    { ...card, expMonth: '01', expYear: '30' },
    { paymentId: payment.id, keys: parseKeySet(api) },
  );
  await accept(payment, late);
  await folder.announceAll();
  const refused = await running;
  expect(refused.err).toContain('These processes still have it: worker');
  expect(refused.err).toContain('1 stored cards');
  expect(folder.kids('worker', 'cards')).toContain(kid);
  await cli.pool.query('UPDATE payment_intents SET sealed_card = NULL');
  await cli.pool.query('TRUNCATE key_holders');
  expect(await destroy(kid)).toMatchObject({ exitCode: 0 });
  expectGone('cards', kid);
});

it.each([
  ['cards', 'cards'],
  ['secrets', 'terminalSecrets'],
  ['callbacks', 'callbackTokens'],
] as const)('of %s completes after a kill between any two writes', async (use, purpose) => {
  await cli.pool.query('DELETE FROM terminals');
  const kid = await retire(use, purpose);
  const before = folder.read();
  expect(await destroy(kid)).toMatchObject({ exitCode: 0 });
  const after = folder.read();
  const { makers, openers } = KEY_DISTRIBUTION[purpose];
  const order = [...makers, ...openers];
  for (let written = 1; written < order.length; written += 1) {
    const changed = order.slice(0, written).map((holder) => [holder, after[holder]] as const);
    folder.put({ ...before, ...(Object.fromEntries(changed) as Partial<KeyFiles>) });
    expect(await destroy(kid)).toMatchObject({ exitCode: 0 });
    expect(folder.read()).toEqual(after);
  }
});

it('undoes an unfinished rotation', async () => {
  await accept({ status: 'requiresAction', transId: '1', attempt: 1 });
  await folder.announceAll();
  const before = folder.read();
  const begun = await folder.run('rotate', '--use', 'callbacks', '--wait', '1s');
  const [, kid = ''] = /(\S+) is not active yet/.exec(begun.err) ?? [];
  await cli.pool.query('TRUNCATE key_holders');
  expect(await destroy(kid)).toMatchObject({ exitCode: 0 });
  expect(Object.values(folder.read()).map((text) => JSON.parse(text) as object)).toEqual(
    Object.values(before).map((text) => JSON.parse(text) as object),
  );
});

it('is in the audit, and the key encrypts no terminal even from an old key set', async () => {
  await cli.pool.query('DELETE FROM terminals');
  const { operator } = folder.read();
  const kid = await retire('secrets', 'terminalSecrets');
  await destroy(kid);
  const { rows } = await cli.pool.query(
    `SELECT subject_kind, before, after FROM operator_actions WHERE action = 'keys destroy' AND subject_id = $1`,
    [kid],
  );
  expect(rows).toEqual([
    { subject_kind: 'vault_key', before: { use: 'terminalSecrets' }, after: null },
  ]);
  await cli.run('merchants', 'add', 'acme');
  const add = [...ADD_TERMINAL, '--name', 'late', '--private-key', '-'];
  const refused = await cli.runIn({ QUITTANCE_KEYSET: operator }, ...add);
  expect([refused.exitCode, refused.err]).toEqual([1, expect.stringContaining('was destroyed')]);
  const fresh = { QUITTANCE_KEYSET: folder.file('operator') };
  expect((await cli.runIn(fresh, ...add)).exitCode).toBe(0);
});
