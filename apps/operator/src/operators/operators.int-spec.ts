// Goal: once an operator is registered, every change requires a key, and the audit has the name of
// that key. Method: the commands over a real database; each test registers its own operators.
import { userInfo } from 'node:os';
import { Payments } from '@quittance/persistence';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { ADD_TERMINAL, CliRig } from '../../test/cli-rig.js';
import { digestOfOperatorKey, isOperatorKeyForm, newOperatorKey } from '@quittance/operations';

let rig: CliRig;
let ann: string;
beforeEach(async () => {
  rig = await CliRig.start();
  ann = await rig.addOperator('ann');
});
afterEach(() => rig.stop());

const as =
  (key: string) =>
  (...args: string[]) =>
    rig.runIn({ QUITTANCE_OPERATOR_KEY: key }, ...args);

interface AuditRow {
  readonly operator: string;
  readonly action: string;
  readonly subject: string;
  readonly why: string | null;
  readonly before: unknown;
  readonly after: unknown;
}
async function audit(): Promise<AuditRow[]> {
  const { rows } = await rig.pool.query<AuditRow>(
    `SELECT operator, action, subject_kind || ':' || subject_id AS subject, why, before, after
     FROM operator_actions ORDER BY number`,
  );
  return rows;
}

it('has a key that is shown once and stored as a digest', async () => {
  expect(isOperatorKeyForm(ann)).toBe(true);
  const { rows } = await rig.pool.query('SELECT name, key_sha256 FROM operators');
  expect(rows).toEqual([{ name: 'ann', key_sha256: digestOfOperatorKey(ann) }]);
  expect((await rig.run('operators', 'list')).out).toMatch(/^opr_\w+ +ann +active/m);
  const dump = await rig.pool.query('SELECT o::text AS row FROM operator_actions o');
  expect(JSON.stringify(dump.rows)).not.toContain(ann);
  expect(JSON.stringify(dump.rows)).not.toContain(digestOfOperatorKey(ann).toString('hex'));
});

it('has the operating system’s user name while no operator is registered', async () => {
  const [first] = await audit();
  expect(first).toMatchObject({ operator: userInfo().username, action: 'merchants add' });
});

describe('a command that makes a change', () => {
  const COMMANDS: readonly (readonly string[])[] = [
    ['merchants', 'add', 'globex'],
    ['keys', 'create', '--merchant', 'acme', '--scopes', 'payments:read'],
    ['keys', 'create', '--ops', '--scopes', 'ops:read'],
    ['keys', 'revoke', 'KEY'],
    [...ADD_TERMINAL, '--name', 'new', '--private-key', 'x'],
    ['terminals', 'set', 'main', '--merchant', 'acme', '--inquiry', 'reference'],
    ['terminals', 'pause', 'main', '--merchant', 'acme', '--reason', 'new keys'],
    ['terminals', 'resume', 'main', '--merchant', 'acme'],
    ['resolve', 'DOUBT', '--as', 'failed', '--evidence', 'seen'],
    ['operators', 'add', 'bob'],
    ['operators', 'renew'],
    ['operators', 'revoke', 'bob'],
  ];

  /** Returns the commands, after creating everything that they need. */
  async function possible(): Promise<(readonly string[])[]> {
    await insertTestTerminal(rig.pool);
    const doubt = { status: 'inDoubt', doubtReason: 'no_reply', attempt: 1 } as const;
    const payment = aPayment({ ...doubt, reference: 'DOUBT' });
    await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
    await as(ann)(...ADD_TERMINAL, '--name', 'main', '--private-key', 'x');
    const made = await as(ann)('keys', 'create', '--merchant', 'acme', '--scopes', 'payments:read');
    const keyId = /key_\w+/.exec(made.err)?.[0] ?? '';
    return COMMANDS.map((command) => command.map((word) => (word === 'KEY' ? keyId : word)));
  }

  it('does nothing without a valid key', async () => {
    const commands = await possible();
    await as(ann)('operators', 'add', 'carol');
    const before = await audit();
    for (const command of commands) {
      const [none, unknown] = await Promise.all([
        rig.run(...command),
        as(newOperatorKey())(...command),
      ]);
      expect([command, none]).toEqual([
        command,
        { exitCode: 1, out: '', err: expect.stringContaining('Operators are registered here') },
      ]);
      expect([command, unknown]).toEqual([
        command,
        { exitCode: 1, out: '', err: expect.stringContaining('is unknown or revoked') },
      ]);
    }
    expect((await as('ann')('merchants', 'add', 'globex')).err).toContain('is unknown');
    expect(await audit()).toEqual(before);
  });

  it('is audited once, with the name of its key, the reason, and no secret', async () => {
    for (const args of await possible()) {
      const action = args.slice(0, args[0] === 'resolve' ? 1 : 2).join(' ');
      const { length } = await audit();
      const why = action === 'resolve' ? [] : ['--why', 'ticket 4711'];
      const { exitCode, out } = await as(ann)(...args, ...why);
      expect([action, exitCode]).toEqual([action, 0]);
      const [row, ...more] = (await audit()).slice(length);
      expect(more).toEqual([]);
      expect(row).toMatchObject({ operator: 'ann', action, why: why[1] ?? 'seen' });
      expect(row?.before === null && row.after === null).toBe(false);
      expect(JSON.stringify(row)).not.toMatch(/q[ok]_[\w-]{43}/);
      if (action === 'operators renew') ann = out.trimEnd();
    }
    const text = JSON.stringify(await audit());
    expect(text).not.toMatch(/private|sealed|sha256|WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/);
    const { out, exitCode } = await rig.run('audit', 'verify');
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/^\d+:[0-9a-f]{64}\n$/)]);
  });

  it('rejects --by', async () => {
    const command = ['resolve', 'X', '--as', 'failed', '--evidence', 'seen', '--by', 'bob'];
    const { exitCode, err } = await as(ann)(...command);
    expect([exitCode, err]).toEqual([1, expect.stringContaining('--by is rejected')]);
  });

  it('is rejected with a key in a database without operators', async () => {
    const other = await CliRig.start();
    const result = await other.runIn({ QUITTANCE_OPERATOR_KEY: ann }, 'merchants', 'add', 'x');
    expect(result).toMatchObject({ exitCode: 1, err: expect.stringContaining('is DATABASE_URL') });
    await other.stop();
  });

  it('leaves no audit row when it fails', async () => {
    const before = await audit();
    await as(ann)('merchants', 'add', 'acme');
    await as(ann)('keys', 'revoke', 'key_0');
    await as(ann)('operators', 'add', 'ann');
    expect(await audit()).toEqual(before);
  });

  it('can require a reason', async () => {
    const strict = { QUITTANCE_OPERATOR_KEY: ann, OPERATOR_WHY_REQUIRED: 'true' };
    const silent = await rig.runIn(strict, 'merchants', 'add', 'globex');
    expect(silent).toMatchObject({ exitCode: 1, err: expect.stringContaining('--why "…"') });
    const card = await rig.runIn(
      strict,
      'merchants',
      'add',
      'globex',
      '--why',
      'card 4012000033330026',
    );
    expect(card).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('--why seems to contain'),
    });
    expect(await rig.runIn(strict, '--why', 'new', 'merchants', 'add', 'globex')).toMatchObject({
      exitCode: 0,
    });
    const both = ['resolve', 'X', '--as', 'failed', '--evidence', 'seen', '--why', 'twice'];
    expect((await rig.runIn(strict, ...both)).err).toContain('omit --why');
  });
});

describe('a key', () => {
  it('is unknown once it is revoked', async () => {
    const bob = await rig.addOperator('bob', { QUITTANCE_OPERATOR_KEY: ann });
    expect((await as(ann)('operators', 'revoke', 'bob')).exitCode).toBe(0);
    expect((await as(bob)('merchants', 'add', 'globex')).exitCode).toBe(1);
    expect((await as(ann)('operators', 'revoke', 'bob')).err).toContain(
      'No active operator is named "bob"',
    );
  });

  it('is revoked together with its owner’s ops keys', async () => {
    const bob = await rig.addOperator('bob', { QUITTANCE_OPERATOR_KEY: ann });
    const made = await as(bob)('keys', 'create', '--ops', '--scopes', 'ops:read');
    const id = /key_\w+/.exec(made.err)?.[0] ?? '';
    await as(ann)('operators', 'revoke', 'bob');
    expect((await rig.run('keys', 'list')).out).toMatch(
      new RegExp(`^${id} +operator: bob +revoked`, 'm'),
    );
    expect((await audit()).at(-1)).toMatchObject({ before: { ops_keys: [id] } });
  });

  it('for the queue board can only be created by the operator that it names', async () => {
    const bob = await rig.addOperator('bob', { QUITTANCE_OPERATOR_KEY: ann });
    const make = (key: string) => as(key)('keys', 'create', '--ops', 'ann', '--scopes', 'ops:read');
    expect(await make(bob)).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringContaining('"ann" is an operator'),
    });
    expect((await make(ann)).exitCode).toBe(0);
  });

  it('of the last operator cannot be revoked', async () => {
    expect((await as(ann)('operators', 'revoke', 'ann')).err).toContain('is the last operator');
    expect((await as(ann)('merchants', 'add', 'globex')).exitCode).toBe(0);
  });

  it('can be replaced by its owner', async () => {
    const { out } = await as(ann)('operators', 'renew');
    expect((await as(ann)('merchants', 'add', 'globex')).exitCode).toBe(1);
    expect((await as(out.trimEnd())('merchants', 'add', 'globex')).exitCode).toBe(0);
  });
});

describe('the audit', () => {
  it('is listed by subject and time, as a table and as JSON', async () => {
    await as(ann)('operators', 'add', 'bob', '--why', 'the second');
    const { out } = await rig.run('audit', 'list', '--subject', 'bob');
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(out).toMatch(/^\d+ +\S+ \S+ +ann +operators add +operator:bob +the second$/m);
    const none = await rig.run('audit', 'list', '--since', '2099-01-01', '--json');
    expect(none).toEqual({ exitCode: 0, out: '', err: '' });
    const [line = ''] = (await rig.run('audit', 'list', '--json', '--subject', 'bob')).out.split(
      '\n',
    );
    expect(JSON.parse(line)).toMatchObject({
      operator: 'ann',
      after: { name: 'bob' },
      before: null,
    });
  });

  it('is verified against a noted head, and reports the broken row', async () => {
    const noted = (await rig.run('audit', 'verify')).out.trimEnd();
    await as(ann)('merchants', 'add', 'globex');
    expect((await rig.run('audit', 'verify', '--head', noted)).exitCode).toBe(0);
    const otherHead = noted.replace(/.{4}$/, '0000');
    expect(await rig.run('audit', 'verify', '--head', otherHead)).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringContaining('is not the one that was noted'),
    });
    expect((await rig.run('audit', 'verify', '--head', 'x')).exitCode).toBe(2);
    await rig.pool.query(
      `BEGIN; SET LOCAL session_replication_role = replica; UPDATE operator_actions SET operator = 'eve' WHERE number = 2; COMMIT`,
    );
    expect(await rig.run('audit', 'verify')).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringMatching(/^The audit is broken: action 2 was changed after it was written/),
    });
  });
});
