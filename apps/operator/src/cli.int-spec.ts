// Goal: operators and scripts can rely on the output: results alone on stdout, messages on stderr,
// exit codes. Method: the commands run in this process over a real database, and the test captures
// their output.
import { userInfo } from 'node:os';
import { openSecret, parseKeySet } from '@quittance/vault';
import { ADD_TERMINAL, CliRig } from '../test/cli-rig.js';
import { digestOfKey, isApiKeyForm } from '@quittance/api-keys';

let rig: CliRig;

beforeAll(async () => {
  rig = await CliRig.start();
});
afterAll(() => rig.stop());

const quittance = (...args: string[]) => rig.run(...args);

async function privateKeyOf(terminalId: string): Promise<string> {
  const { rows } = await rig.pool.query<{ sealed: string }>(
    'SELECT sealed_private_key AS sealed FROM terminals WHERE id = $1',
    [terminalId],
  );
  const keys = parseKeySet(JSON.stringify(rig.keySets.worker));
  return openSecret(rows[0]?.sealed ?? '', { terminalId, keys });
}

it('rejects a crash point in production', async () => {
  const armed = { QUITTANCE_CRASH_AT: 'resolve.before-commit', NODE_ENV: 'production' };
  const { exitCode, err } = await rig.runIn(armed, 'merchants', 'list');
  expect(exitCode).toBe(78);
  expect(err).toContain('QUITTANCE_CRASH_AT makes a process kill or stop itself');
});

it.each([
  [['explain', '4111 1111 1111 1111']],
  [['resolve', '4111111111111111', '--as', 'failed', '--evidence', 'the dashboard']],
  [['refunds', 'resolve', '4111111111111111', '--as', 'failed', '--evidence', 'the dashboard']],
  [['resolve', 'ORDER-1', '--as', '4111111111111111', '--evidence', 'the dashboard']],
])('does not repeat a misplaced card number: %j', async (args) => {
  const { exitCode, out, err } = await quittance(...args);
  expect(exitCode).toBeGreaterThan(0);
  expect(out + err).not.toMatch(/4111/);
});

describe('merchants', () => {
  it('are unique by name', async () => {
    const added = await quittance('merchants', 'add', 'globex');
    expect(added.exitCode).toBe(0);
    expect(added.out).toMatch(/^mer_[0-9a-z]{26}\n$/);
    const again = await quittance('merchants', 'add', 'globex');
    expect(again).toEqual({ exitCode: 1, out: '', err: 'A merchant "globex" already exists.\n' });
  });

  it('are listed', async () => {
    expect((await quittance('merchants', 'list')).out).toMatch(/^mer_\w+ +acme +\d+ +\d+ /m);
  });

  it.each(['', ' x', 'x'.repeat(101)])('cannot have the name %p', async (name) => {
    expect((await quittance('merchants', 'add', name)).exitCode).toBe(1);
  });
});

describe('keys', () => {
  const createFor = (owner: readonly string[], scopes: string, ...more: string[]) =>
    quittance('keys', 'create', ...owner, '--scopes', scopes, ...more);
  const create = (...more: string[]) =>
    createFor(['--merchant', 'acme'], 'payments:read,refunds:write', ...more);

  it('are printed once, alone on stdout, and stored as a digest', async () => {
    const { out, err } = await create();
    const key = out.trimEnd();
    expect(isApiKeyForm(key)).toBe(true);
    expect(err).not.toContain(key);
    const found = 'SELECT scopes FROM api_keys WHERE secret_sha256 = $1';
    const { rows } = await rig.pool.query(found, [digestOfKey(key)]);
    expect(rows).toEqual([{ scopes: ['payments:read', 'refunds:write'] }]);
    expect((await quittance('keys', 'list')).out).not.toContain(key);
  });

  it('can be revoked only once', async () => {
    const { err } = await create();
    const id = /key_\w+/.exec(err)?.[0] ?? '';
    expect((await quittance('keys', 'revoke', id)).exitCode).toBe(0);
    expect((await quittance('keys', 'revoke', id)).exitCode).toBe(1);
    expect((await quittance('keys', 'list')).out).toMatch(new RegExp(`^${id} +acme +revoked`, 'm'));
  });

  it('can expire at a future date', async () => {
    const { err } = await create('--expires', '2099-01-31');
    const id = /key_\w+/.exec(err)?.[0] ?? '';
    expect((await quittance('keys', 'list')).out).toMatch(new RegExp(`^${id}.*2099-01-31`, 'm'));
    expect((await create('--expires', '2001-01-31')).exitCode).toBe(1);
    expect((await create('--expires', 'tomorrow')).exitCode).toBe(2);
  });

  it('can expire after a duration', async () => {
    const { err } = await create('--expires', '90d');
    expect(err).toMatch(/until \d{4}-\d{2}-\d{2}/);
    const { rows } = await rig.pool.query<{ days: string }>(
      `SELECT round(extract(epoch FROM expires_at - created_at) / 86400) AS days
       FROM api_keys ORDER BY id DESC LIMIT 1`,
    );
    expect(Number(rows[0]?.days)).toBe(90);
  });

  it('show when they were last used', async () => {
    const { err } = await create();
    const id = /key_\w+/.exec(err)?.[0] ?? '';
    const used = "UPDATE api_keys SET last_used_at = '2030-05-06T07:08Z' WHERE id = $1";
    await rig.pool.query(used, [id]);
    expect((await quittance('keys', 'list')).out).toMatch(new RegExp(`^${id}.*2030-05-06`, 'm'));
  });

  it('can require signed requests and have their own rate', async () => {
    const publicKey = Buffer.alloc(32, 7);
    const { err, exitCode } = await create(
      '--public-key',
      publicKey.toString('base64'),
      '--rate',
      '50',
    );
    expect(exitCode).toBe(0);
    expect(err).toContain('with signed requests only');
    const id = /key_\w+/.exec(err)?.[0] ?? '';
    const { rows } = await rig.pool.query(
      'SELECT signing_public_key, requests_per_second FROM api_keys WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ signing_public_key: publicKey, requests_per_second: 50 }]);
    expect((await quittance('keys', 'list')).out).toMatch(new RegExp(`^${id}.* yes +50 *$`, 'm'));
  });

  it.each([
    ['--public-key', 'my key'],
    ['--public-key', Buffer.alloc(31).toString('base64')],
    ['--rate', '0'],
    ['--rate', 'fast'],
  ])('cannot be created with %s %s', async (option, value) => {
    expect(await create(option, value)).toMatchObject({ exitCode: 2, out: '' });
  });

  it('require known scopes and a known merchant', async () => {
    const scopes = await createFor(['--merchant', 'acme'], 'everything');
    expect(scopes).toMatchObject({ exitCode: 2, out: '' });
    const merchant = await createFor(['--merchant', 'x'], 'payments:read');
    expect(merchant.err).toBe('There is no merchant "x"; see "merchants list".\n');
  });

  it('of the operator have a holder and no merchant', async () => {
    const { exitCode, out, err } = await createFor(['--ops', 'ann'], 'ops:read,ops:write');
    expect([exitCode, isApiKeyForm(out.trimEnd())]).toEqual([0, true]);
    const id = /key_\w+/.exec(err)?.[0] ?? '';
    const { rows } = await rig.pool.query(
      'SELECT merchant_id, holder, scopes FROM api_keys WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ merchant_id: null, holder: 'ann', scopes: ['ops:read', 'ops:write'] }]);
    expect((await quittance('keys', 'list')).out).toMatch(
      new RegExp(`^${id} +operator: ann +active`, 'm'),
    );
  });

  it('of the operator are held by their creator by default', async () => {
    const { err } = await createFor(['--ops'], 'ops:read');
    expect(err).toContain(`held by "${userInfo().username}"`);
  });

  it.each([
    [['--merchant', 'acme'], 'ops:read', "A merchant's key cannot have ops:read"],
    [['--merchant', 'acme'], 'payments:read,ops:write', "A merchant's key cannot have ops:write"],
    [['--ops', 'ann'], 'ops:read,payments:read', 'cannot have payments:read'],
    [['--ops', 'ann', '--merchant', 'acme'], 'ops:read', 'Name the owner'],
    [[], 'ops:read', 'Name the owner'],
    [['--ops', '4012000033330026'], 'ops:read', '--ops must be a name'],
  ])('cannot be created with %j for %s, and nothing is stored', async (owner, scopes, words) => {
    const stored = () =>
      rig.pool.query('SELECT id FROM api_keys UNION SELECT subject_id FROM operator_actions');
    const { rows: before } = await stored();
    const result = await createFor(owner, scopes);
    expect(result).toMatchObject({ exitCode: 1, out: '', err: expect.stringContaining(words) });
    expect(new Set((await stored()).rows)).toEqual(new Set(before));
  });
});

describe('terminals', () => {
  it('are added with their private key encrypted for the processes that use it', async () => {
    const { out, exitCode } = await quittance(
      ...ADD_TERMINAL,
      '--name',
      'main',
      '--private-key=-secret-',
    );
    expect(exitCode).toBe(0);
    const id = out.trimEnd();
    expect(await privateKeyOf(id)).toBe('-secret-');
    const { rows } = await rig.pool.query('SELECT * FROM terminals WHERE id = $1', [id]);
    expect(rows).toMatchObject([
      {
        name: 'main',
        base_url: 'http://127.0.0.1:9003',
        number: 42,
        protocol: 'encrypted',
        callback_encryption: 'aes256',
        lane: 'default',
        inquiry: 'trans_id',
      },
    ]);
    expect((await quittance('terminals', 'list')).out).not.toContain('-secret-');
    const again = await quittance(...ADD_TERMINAL, '--name', 'main', '--private-key=x');
    expect(again.err).toBe('"acme" already has a terminal "main".\n');
  });

  it('store the gateway’s address in one spelling', async () => {
    const typed = ADD_TERMINAL.with(5, 'HTTPS://Gateway.Example:443/v1//');
    const { out } = await quittance(...typed, '--name', 'spelt', '--private-key', 'x');
    const { rows } = await rig.pool.query('SELECT base_url FROM terminals WHERE id = $1', [
      out.trimEnd(),
    ]);
    expect(rows).toEqual([{ base_url: 'https://gateway.example/v1' }]);
  });

  it('read their private key from stdin or the environment, away from the process list', async () => {
    const piped = await quittance(...ADD_TERMINAL, '--name', 'piped', '--private-key', '-');
    expect(await privateKeyOf(piped.out.trimEnd())).toBe('private-key-from-stdin');
    const handed = await rig.runIn(
      { TERMINAL_PRIVATE_KEY: 'from-env' },
      ...ADD_TERMINAL,
      '--name',
      'env',
    );
    expect(await privateKeyOf(handed.out.trimEnd())).toBe('from-env');
  });

  it('require a key set for encryption', async () => {
    const args = [...ADD_TERMINAL, '--name', 'unsealed', '--private-key', 'x'];
    const { exitCode, err } = await rig.runIn({ QUITTANCE_KEYSET: '' }, ...args);
    expect({ exitCode, err }).toMatchObject({ exitCode: 1 });
    expect(err).toContain('QUITTANCE_KEYSET is not set');
  });

  it('are rejected with a list of all problems', async () => {
    const args = ADD_TERMINAL.with(5, 'ftp://x');
    const { exitCode, err } = await quittance(...args, '--name', 'a b', '--private-key', 'x');
    expect(exitCode).toBe(1);
    expect(err.trimEnd().split('\n')).toHaveLength(2);
  });

  it('can be paused and resumed', async () => {
    await quittance(...ADD_TERMINAL, '--name', 'held', '--private-key', 'x');
    const pause = ['terminals', 'pause', 'held', '--merchant', 'acme', '--reason', 'new keys'];
    expect((await quittance(...pause)).exitCode).toBe(0);
    expect((await quittance('terminals', 'list')).out).toMatch(/held .*: new keys$/m);
    expect((await quittance(...pause)).err).toContain('already paused: new keys');
    const resume = ['terminals', 'resume', 'held', '--merchant', 'acme'];
    expect((await quittance(...resume)).exitCode).toBe(0);
    expect((await quittance(...resume)).exitCode).toBe(1);
  });
});

describe('the program', () => {
  it('exits with 2 on wrong usage', async () => {
    expect((await quittance('paint')).exitCode).toBe(2);
    expect((await quittance('keys', 'create')).exitCode).toBe(2);
  });

  it('exits with 0 after showing its help', async () => {
    expect(await quittance('--help')).toMatchObject({ exitCode: 0, err: '' });
  });

  it('exits with 78 on wrong settings, without showing them', async () => {
    const { exitCode, err } = await rig.runIn({ DATABASE_URL: 'mysql://u:pw@x' }, 'keys', 'list');
    expect(exitCode).toBe(78);
    expect(err).toContain('DATABASE_URL');
    expect(err).not.toContain('pw');
  });

  it('reports that Postgres is unreachable', async () => {
    const DATABASE_URL = 'postgresql://postgres@127.0.0.1:1/x';
    expect(await rig.runIn({ DATABASE_URL }, 'keys', 'list')).toEqual({
      exitCode: 1,
      out: '',
      err: 'Postgres is unreachable; see DATABASE_URL.\n',
    });
  });
});
