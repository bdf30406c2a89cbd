// Goal: the same command completes a rotation that was interrupted anywhere, and no key is used
// before every process has it. Method: real files and a real database; a killed run is represented
// by the state of the files after each of its writes.
import {
  holdersOf,
  KEY_DISTRIBUTION,
  KEY_SET_HOLDERS,
  type KeyPurpose,
  parseKeySet,
} from '@quittance/vault';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CliRig } from '../../test/cli-rig.js';
import { type KeyFiles, KeyFolderRig } from '../../test/key-folder-rig.js';

let cli: CliRig;
let folder: KeyFolderRig;

beforeAll(async () => {
  cli = await CliRig.start();
  folder = new KeyFolderRig(cli);
});
beforeEach(() => folder.reset());
afterAll(async () => {
  folder.remove();
  await cli.stop();
});

const USES = [
  ['cards', 'cards'],
  ['secrets', 'terminalSecrets'],
  ['drop-in', 'dropInSecrets'],
  ['callbacks', 'callbackTokens'],
  ['returns', 'returnTokens'],
] as const satisfies readonly (readonly [string, KeyPurpose])[];
const rotate = (use: string, ...more: string[]) => folder.run('rotate', '--use', use, ...more);
const offline = (use: string) => rotate(use, '--offline');
const actions = async () =>
  (
    await cli.pool.query<{ action: string; subject: string; after: { state: string } }>(
      `SELECT action, subject_id AS subject, after FROM operator_actions WHERE action LIKE 'keys %' ORDER BY number`,
    )
  ).rows.map(({ subject, after }) => `${subject} ${after.state}`);

/**
 * Expects one new key, active everywhere; the previous one retired; each half only where it
 * belongs; no other file.
 */
function expectRotated(purpose: KeyPurpose, old: string, kid: string): void {
  for (const holder of holdersOf(purpose)) {
    expect(folder.kids(holder, purpose)).toEqual([kid, old]);
    const isOpener = KEY_DISTRIBUTION[purpose].openers.includes(holder);
    if (purpose !== 'callbackTokens')
      expect('d' in folder.set(holder)[purpose]![0]!).toBe(isOpener);
    expect(JSON.stringify(folder.set(holder))).not.toContain('prepared');
  }
  expect(folder.listing()).toEqual(
    KEY_SET_HOLDERS.map((holder) => `${holder}.json 600`).toSorted(),
  );
}
const oldOf = (purpose: KeyPurpose) => folder.kids(holdersOf(purpose)[0]!, purpose)[0]!;

it.each(USES)('activates a new key for %s and prints its kid', async (use, purpose) => {
  const old = oldOf(purpose);
  const { exitCode, out, err } = await offline(use);
  expect([exitCode, err]).toEqual([0, expect.stringContaining(`${old} is retired`)]);
  expectRotated(purpose, old, out.trim());
  expect((await actions()).slice(-2)).toEqual([`${out.trim()} prepared`, `${out.trim()} active`]);
  for (const other of USES.map(([, name]) => name).filter((name) => name !== purpose))
    expect(folder.kids(holdersOf(other)[0]!, other)).toHaveLength(1);
});

/**
 * Returns the files of one rotation before the first write, between the phases and after the last
 * write.
 */
async function phases(use: string): Promise<readonly [KeyFiles, KeyFiles, KeyFiles]> {
  const before = folder.read();
  await folder.announceAll();
  expect(await rotate(use, '--wait', '1s')).toMatchObject({ exitCode: 1, out: '' });
  const prepared = folder.read();
  await cli.pool.query('TRUNCATE key_holders');
  expect(await offline(use)).toMatchObject({ exitCode: 0 });
  return [before, prepared, folder.read()];
}

it.each(USES)('of %s completes after a kill between any two writes', async (use, purpose) => {
  const old = oldOf(purpose);
  const states = await phases(use);
  const holders = holdersOf(purpose);
  const kid = folder.kids(holders[0]!, purpose)[0]!;
  for (const [from, to] of [states.slice(0, 2), states.slice(1)] as [KeyFiles, KeyFiles][]) {
    for (let written = 1; written < holders.length; written += 1) {
      folder.put({ ...from, ...pick(to, holders.slice(0, written)) });
      // A kill during the next write leaves this file behind.
      const unfinished = `${folder.file(holders[written]!)}.unfinished`;
      writeFileSync(unfinished, '{"cards": [{"d": "half a k');
      expect(await offline(use)).toMatchObject({ exitCode: 0, out: `${kid}\n` });
      expectRotated(purpose, old, kid);
    }
  }
});
const pick = (files: KeyFiles, holders: readonly (keyof KeyFiles)[]) =>
  Object.fromEntries(holders.map((holder) => [holder, files[holder]]));

it('gives key sets of an older version the first key of a list that they lack', async () => {
  for (const holder of holdersOf('dropInSecrets')) {
    const { dropInSecrets: _missing, ...older } = folder.set(holder);
    folder.write(holder, JSON.stringify(older));
  }
  await folder.announceAll();
  const late = await rotate('drop-in', '--wait', '1s');
  expect([late.exitCode, late.err]).toEqual([1, expect.stringContaining('api 7 on here')]);
  expect(folder.kids('operator', 'dropInSecrets')).toEqual([]);
  await folder.announceAll();
  const { exitCode, out } = await rotate('drop-in', '--wait', '1s');
  expect(exitCode).toBe(0);
  for (const holder of holdersOf('dropInSecrets'))
    expect(folder.kids(holder, 'dropInSecrets')).toEqual([out.trim()]);
  expect('d' in folder.set('operator').dropInSecrets![0]!).toBe(false);
});

it('activates no key before every running process has loaded it, and names the late process', async () => {
  const old = oldOf('callbackTokens');
  await folder.announceAll();
  const refused = await rotate('callbacks', '--wait', '1s');
  expect(refused).toMatchObject({ exitCode: 1, out: '' });
  expect(refused.err).toMatch(/\S+ is not active yet/);
  expect(refused.err).toContain('webhook 7 on here');
  expect(refused.err).not.toContain('api 7');
  expect(folder.kids('worker', 'callbackTokens')[0]).toBe(old);
  await folder.announceAll();
  const done = await rotate('callbacks', '--wait', '1s');
  expect(done.exitCode).toBe(0);
  expectRotated('callbackTokens', old, done.out.trim());
});

it('waits for a process that loads it late', async () => {
  await folder.announceAll();
  const before = folder.read().worker;
  const rotating = rotate('cards', '--wait', '30s');
  while (folder.kids('api', 'cards').length < 2) await new Promise(setImmediate);
  expect(folder.kids('worker', 'cards')[0]).toBe(parseKeySet(before).cards[0]!.kid);
  await folder.announceAll();
  expect(await rotating).toMatchObject({ exitCode: 0 });
});

it('continues without running processes only with --offline', async () => {
  const { exitCode, err } = await rotate('cards');
  expect([exitCode, err]).toEqual([1, expect.stringContaining('add --offline')]);
  expect(folder.kids('api', 'cards')[0]).toBe(parseKeySet(folder.read().worker).cards[0]!.kid);
});

it('runs only once at a time', async () => {
  const client = await cli.pool.connect();
  await client.query('SELECT pg_advisory_lock(7220331)');
  const before = folder.read();
  const { exitCode, err } = await offline('cards');
  expect([exitCode, err]).toEqual([1, expect.stringContaining('Another operator is rotating')]);
  expect(folder.read()).toEqual(before);
  client.release(true);

  const both = await Promise.all([offline('cards'), offline('cards')]);
  const done = both.filter(({ exitCode: code }) => code === 0).map(({ out }) => out.trim());
  expect(done.length).toBeGreaterThan(0);
  const kids = folder.kids('worker', 'cards');
  expect(kids.slice(0, -1).toSorted()).toEqual(done.toSorted());
  for (const holder of holdersOf('cards')) expect(folder.kids(holder, 'cards')).toEqual(kids);
});

describe('changes nothing', () => {
  it.each<[string, () => void, string]>([
    ['a file is truncated', () => folder.write('webhook', '{"cards": ['), 'is not JSON'],
    ['a file is missing', () => rmSync(folder.file('api')), 'ENOENT'],
    [
      'the files disagree on the active key',
      () => {
        const [key] = folder.set('worker').cards!;
        const set = { ...folder.set('worker'), cards: [{ ...key, kid: 'other' }] };
        folder.write('worker', JSON.stringify(set));
      },
      'do not agree on the active cards key',
    ],
  ])('when %s', async (_, spoil, words) => {
    spoil();
    const audited = await actions();
    const texts = KEY_SET_HOLDERS.map((holder) => textOf(folder.file(holder)));
    const { exitCode, err } = await offline('cards');
    expect([exitCode, err]).toEqual([1, expect.stringContaining(words)]);
    expect(KEY_SET_HOLDERS.map((holder) => textOf(folder.file(holder)))).toEqual(texts);
    expect(await actions()).toEqual(audited);
  });

  it.each(['{}', ''])('when the key set is the variable itself: %p', async (keySet) => {
    const { exitCode, err } = await folder.runIn(
      { QUITTANCE_KEYSET: keySet },
      'rotate',
      '--use',
      'cards',
      '--offline',
    );
    expect([exitCode, err]).toEqual([1, expect.stringContaining('name it with --folder')]);
    const named = ['rotate', '--use', 'cards', '--offline', '--folder', folder.path];
    expect((await folder.runIn({ QUITTANCE_KEYSET: keySet }, ...named)).exitCode).toBe(0);
  });

  it('when a required reason is missing', async () => {
    const before = folder.read();
    const demanding = { OPERATOR_WHY_REQUIRED: 'true' };
    const args = ['rotate', '--use', 'cards', '--offline'];
    expect((await folder.runIn(demanding, ...args)).exitCode).toBe(1);
    expect(folder.read()).toEqual(before);
    expect((await folder.runIn(demanding, ...args, '--why', 'yearly')).exitCode).toBe(0);
  });
});

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'not there';
  }
}
