// Goal: a terminal accepts requests in the gateway's form only under the operator's conditions, and
// its key can be opened by the api and by no process that gets it otherwise. Method: the command
// over a real database.
import { openSecret, parseKeySet } from '@quittance/vault';
import { ADD_TERMINAL, CliRig } from '../../test/cli-rig.js';

let rig: CliRig;
beforeAll(async () => {
  rig = await CliRig.start();
  await rig.run(...ADD_TERMINAL, '--name', 'main', '--private-key', 'x');
});
afterAll(() => rig.stop());

const set = (...more: string[]) =>
  rig.run('terminals', 'set', 'main', '--merchant', 'acme', ...more);
const DROP_IN = '--callers 192.0.2.0/24,2001:db8::7 --callbacks-to https://shop.example/'.split(
  ' ',
);

async function stored() {
  const { rows } = await rig.pool.query<Record<string, unknown>>('SELECT * FROM drop_ins');
  return rows[0];
}
async function audited() {
  const { rows } = await rig.pool.query<{ before: unknown; after: unknown }>(
    `SELECT before, after FROM operator_actions WHERE action = 'terminals set' ORDER BY number`,
  );
  return rows.at(-1);
}

it('stores the conditions, and the private key for the api alone', async () => {
  const { exitCode, err } = await set('--drop-in', 'both', ...DROP_IN, '--private-key', '-');
  expect([exitCode, err]).toEqual([0, expect.stringContaining('(both), within seconds')]);
  const row = await stored();
  expect(row).toMatchObject({
    public_key: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
    caller_networks: ['192.0.2.0/24', '2001:db8::7'],
    callback_origins: ['https://shop.example'],
    accepts_plain: true,
  });
  const sealed = String(row?.['sealed_private_key']);
  const terminalId = String(row?.['terminal_id']);
  const openedBy = (holder: 'api' | 'webhook', use: 'dropInSecrets' | 'terminalSecrets') => {
    const keys = parseKeySet(JSON.stringify(rig.keySets[holder]));
    return openSecret(sealed, { terminalId, keys, use });
  };
  expect(await openedBy('api', 'dropInSecrets')).toBe('private-key-from-stdin');
  await expect(openedBy('webhook', 'terminalSecrets')).rejects.toThrow();
  await expect(openedBy('api', 'terminalSecrets')).rejects.toThrow();
});

it.each([
  ['encrypted', { accepts_encrypted: true, accepts_plain: false }],
  ['plain', { accepts_encrypted: false, accepts_plain: true }],
  ['both', { accepts_encrypted: true, accepts_plain: true }],
])('is listed: %s', async (form, accepted) => {
  await set('--drop-in', form, ...DROP_IN, ...(form === 'plain' ? [] : ['--private-key', 'x']));
  const { out } = await rig.run('terminals', 'list');
  expect(out).toMatch(/ DROP-IN +PAUSED$/m);
  expect(out).toMatch(new RegExp(` ${form} from 192\\.0\\.2\\.0/24,2001:db8::7 +-$`, 'm'));
  const { out: json } = await rig.run('terminals', 'list', '--json');
  expect(JSON.parse(json)).toMatchObject({ drop_in: accepted });
  expect(out + json).not.toContain('eyJ');
});

it('is audited without a key, and ends', async () => {
  await set('--drop-in', 'plain', ...DROP_IN);
  const plain = {
    drop_in: {
      accepts: ['plain'],
      callers: ['192.0.2.0/24', '2001:db8::7'],
      callbacks_to: ['https://shop.example'],
    },
  };
  expect(await stored()).toMatchObject({ accepts_plain: true, sealed_private_key: null });
  expect((await audited())?.after).toEqual(plain);
  expect((await set('--drop-in', 'off')).exitCode).toBe(0);
  expect(await stored()).toBeUndefined();
  expect(await audited()).toEqual({ before: plain, after: { drop_in: null } });
});

it.each([
  ['no networks', '--drop-in encrypted --private-key x', 'does not prove its sender'],
  ['other networks', '--drop-in plain --callers 192.0.2.0/33', 'CIDR subnets'],
  [
    'an address instead of an origin',
    '--drop-in plain --callers 192.0.2.1 --callbacks-to https://shop.example/path',
    'origins, such as',
  ],
  ['no key', '--drop-in encrypted --callers 192.0.2.1', 'Give the private key'],
  ['conditions alone', '--callers 192.0.2.1', 'belong to --drop-in'],
  ['another change', '--drop-in off --lane default', 'in a command of its own'],
  ['conditions for its end', '--drop-in off --callers 192.0.2.1', 'takes no other option'],
])('is refused with %s', async (_, options, words) => {
  const { exitCode, err } = await set(...options.split(' '));
  expect([exitCode, err]).toEqual([1, expect.stringContaining(words)]);
  expect(await stored()).toBeUndefined();
});

it('is refused for two terminals with one public key', async () => {
  await rig.run(...ADD_TERMINAL, '--name', 'twin', '--private-key', 'x');
  await set('--drop-in', 'plain', ...DROP_IN);
  const twin = await rig.run(
    ...'terminals set twin --merchant acme --drop-in plain'.split(' '),
    ...DROP_IN,
  );
  expect([twin.exitCode, twin.err]).toEqual([1, expect.stringContaining('Another terminal')]);
  await set('--drop-in', 'off');
});

it('calls back a live terminal’s merchant over https on the public Internet only', async () => {
  await rig.pool.query(`UPDATE terminals SET mode = 'live' WHERE name = 'main'`);
  for (const origin of ['http://shop.example', 'https://10.0.0.1']) {
    const { err } = await set(
      ...`--drop-in plain --callers 192.0.2.1 --callbacks-to ${origin}`.split(' '),
    );
    expect(err).toContain('https origins on the public Internet');
  }
  await rig.pool.query(`UPDATE terminals SET mode = 'test' WHERE name = 'main'`);
});
