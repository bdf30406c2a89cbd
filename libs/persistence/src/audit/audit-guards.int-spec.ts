// Goal: the audit log, the operators and their proposals cannot be rewritten or filled with invalid
// data, not even by hand. Method: plain SQL against the migrated tables, every CHECK and every
// trigger once; each attempt is rolled back.
import { Payments } from '@quittance/persistence';
import type { PoolClient } from 'pg';
import { aPayment } from '../../../../test/support/payments.js';
import { GuardedDatabase } from '../../test/guarded-database.js';

let database: GuardedDatabase;
let client: PoolClient;

beforeAll(async () => {
  database = await GuardedDatabase.start();
  const { pool } = database;
  ({ client } = database);
  const payment = { ...aPayment(), id: 'pi_a' };
  await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
});
beforeEach(() => database.begin());
afterEach(() => database.rollBack());
afterAll(() => database?.stop());

const resultOf = (sql: string) => database.resultOf(sql);

const long = (length: number) => `repeat('x', ${length})`;
const digest = (bytes: number) => `decode(repeat('00', ${bytes}), 'hex')`;
const action = (operator: string, why: string, name = 'resolve') => `
  INSERT INTO operator_actions (at, operator, action, subject_kind, subject_id, sequence, why, before, after)
  VALUES (now(), ${operator}, '${name}', 'payment', 'pi_a', 1, ${why}, '{}', '{}')`;
/** An action about a nonexistent subject, with some of its columns replaced. */
const other = (columns: Readonly<Record<string, string>>) => {
  const row = {
    at: 'now()',
    operator: `'ann'`,
    action: `'keys revoke'`,
    subject_kind: `'api_key'`,
    subject_id: `'k'`,
  };
  const all = { ...row, ...columns };
  return `INSERT INTO operator_actions (${Object.keys(all).join(', ')}) VALUES (${Object.values(all).join(', ')})`;
};
const proposal = (columns: Readonly<Record<string, string>> = {}) => {
  const row = {
    id: `'prp_1'`,
    action: `'resolve'`,
    subject_kind: `'payment'`,
    subject_id: `'pi_a'`,
    arguments: `'{}'`,
    proposed_by: `'ann'`,
    proposed_at: 'now()',
    expires_at: `now() + interval '1 hour'`,
  };
  const all = { ...row, ...columns };
  return `INSERT INTO operator_proposals (${Object.keys(all).join(', ')}) VALUES (${Object.values(all).join(', ')})`;
};
const decided = (decision: string, decided_by: string, decided_at = 'now()') =>
  proposal({ decision, decided_by, decided_at });
const person = (name: string, key = digest(32), id = name) =>
  `INSERT INTO operators VALUES ('opr_${id}', '${name}', ${key}, now())`;
const session = (columns: Readonly<Record<string, string>>) => {
  const row = {
    token_sha256: digest(32),
    operator_id: `'opr_1'`,
    api_key_id: 'NULL',
    created_at: 'now()',
    seen_at: 'now()',
    expires_at: `now() + interval '1 hour'`,
  };
  const all = { ...row, ...columns };
  return `INSERT INTO operator_sessions (${Object.keys(all).join(', ')}) VALUES (${Object.values(all).join(', ')})`;
};
const head = (assignment: string) =>
  `SET LOCAL session_replication_role = replica; UPDATE audit_head SET ${assignment}`;

/** A constraint, and a statement that violates it and no other. */
const BROKEN: readonly (readonly [string, string])[] = [
  ['operator_actions_at_check', other({ at: `'infinity'` })],
  ['operator_actions_operator_check', action(`''`, `'seen'`)],
  ['operator_actions_action_check', action(`'ann'`, `'seen'`, 'guess')],
  ['operator_actions_subject_kind_check', other({ subject_kind: `'guess'` })],
  ['operator_actions_subject_id_check', other({ subject_id: long(201) })],
  ['operator_actions_why_check', action(`'ann'`, `' '`)],
  ['operator_actions_why_check', action(`'ann'`, long(1001))],
  ['operator_actions_proposed_by_check', other({ proposal_id: `'prp_1'`, proposed_by: `''` })],
  ['a_word_about_money_has_a_reason', action(`'ann'`, 'NULL')],
  [
    'a_word_about_money_has_a_reason',
    other({ action: `'refunds resolve'`, subject_kind: `'refund'` }),
  ],
  ['resolve_names_a_payment', action(`'ann'`, `'seen'`).replace(`'payment'`, `'refund'`)],
  ['refunds_resolve_names_a_refund', action(`'ann'`, `'seen'`, 'refunds resolve')],
  ['four_eyes_are_of_two', other({ proposal_id: `'prp_1'`, proposed_by: `'ann'` })],
  ['four_eyes_are_of_two', other({ proposal_id: `'prp_1'` })],
  ['audit_head_only_row_check', head('only_row = false')],
  ['audit_head_number_check', head('number = -1')],
  ['audit_head_hash_check', head(`hash = ${digest(31)}`)],
  ['operators_name_check', person('')],
  ['operators_name_check', person('x'.repeat(101))],
  ['operators_key_sha256_check', person('eve', digest(31))],
  ['operators_rights_check', person('eve').replace(/\)$/, `, NULL, 'all')`)],
  ['operator_sessions_token_sha256_check', session({ token_sha256: digest(31) })],
  ['operator_session_has_one_owner', session({ operator_id: 'NULL' })],
  ['operator_session_has_one_owner', session({ api_key_id: `'key_1'` })],
  ['operator_session_ends', session({ expires_at: 'now()' })],
  ['operator_session_ends', session({ seen_at: `now() - interval '1 second'` })],
  ['operator_proposals_action_check', proposal({ action: `'guess'` })],
  ['operator_proposals_why_check', proposal({ why: `' '` })],
  ['operator_proposals_proposed_by_check', proposal({ proposed_by: `''` })],
  ['operator_proposals_check', proposal({ expires_at: 'now()' })],
  ['operator_proposals_decision_check', decided(`'guessed'`, `'bob'`)],
  ['operator_proposals_decided_by_check', decided(`'withdrawn'`, `''`)],
  ['decision_is_whole', decided(`'approved'`, 'NULL', 'NULL')],
  ['nobody_approves_their_own', decided(`'approved'`, `'ann'`)],
  ['nothing_expired_is_approved', decided(`'approved'`, `'bob'`, `now() + interval '1 hour'`)],
];

describe('a constraint', () => {
  it.each(BROKEN)('%s refuses %s', async (constraint, sql) => {
    expect(await resultOf(sql)).toBe(constraint);
  });

  it('is tested here', async () => {
    const tried = new Set(BROKEN.map(([name]) => name));
    const checks = await database.checksOf(/^(operator|audit)/);
    expect(checks.filter((name) => !tried.has(name))).toEqual([]);
  });
});

describe('an action of an operator', () => {
  it('is never changed or deleted', async () => {
    await client.query(action(`'ann'`, `'seen at the gateway'`));
    expect(await resultOf(`UPDATE operator_actions SET why = 'other'`)).toBe(
      'operator_action_is_never_rewritten',
    );
    for (const statement of [
      'DELETE FROM operator_actions',
      'TRUNCATE operator_actions',
      'UPDATE audit_head SET number = number + 1',
      'DELETE FROM audit_head',
      'TRUNCATE audit_head',
    ]) {
      expect([statement, await resultOf(statement)]).toEqual([
        statement,
        'operator_action_is_never_rewritten',
      ]);
    }
  });

  it('belongs to an existing transition, and is the only one of it', async () => {
    const elsewhere = action(`'ann'`, `'seen'`).replace(`'pi_a', 1`, `'pi_a', 2`);
    expect(await resultOf(elsewhere)).toMatch(/^operator_actions_payment_id_sequence_fkey/);
    await client.query(action(`'ann'`, `'seen'`));
    expect(await resultOf(action(`'bob'`, `'seen too'`))).toMatch(
      /^operator_actions_payment_id_seq/,
    );
  });
});

describe('an operator', () => {
  it('has one key at a time, and can only be revoked', async () => {
    await client.query(person('eve'));
    const again = person('eve', `decode(repeat('01', 32), 'hex')`, '2');
    expect(await resultOf(again)).toBe('operators_active_name');
    for (const statement of [
      `UPDATE operators SET name = 'mallory'`,
      `UPDATE operators SET rights = 'read'`,
      `UPDATE operators SET key_sha256 = decode(repeat('01', 32), 'hex')`,
      'DELETE FROM operators',
    ]) {
      expect(await resultOf(statement)).toBe('operator_is_only_revoked');
    }
    await client.query('UPDATE operators SET revoked_at = now()');
    expect(await resultOf('UPDATE operators SET revoked_at = NULL')).toBe(
      'operator_is_only_revoked',
    );
    expect(await resultOf(again)).toBe('fine');
  });
});

describe('a proposal', () => {
  it('is decided once, and otherwise never changes', async () => {
    await client.query(proposal());
    for (const column of ['subject_id', 'proposed_by', 'why', 'action']) {
      const value = column === 'action' ? 'events replay' : 'other';
      expect(await resultOf(`UPDATE operator_proposals SET ${column} = '${value}'`)).toBe(
        'proposal_is_decided_once',
      );
    }
    expect(await resultOf(`UPDATE operator_proposals SET arguments = '{"as":"failed"}'`)).toBe(
      'proposal_is_decided_once',
    );
    const decide = `UPDATE operator_proposals SET decision = 'approved', decided_by = 'bob', decided_at = now()`;
    await client.query(decide);
    expect(await resultOf(decide)).toBe('proposal_is_decided_once');
    expect(await resultOf('DELETE FROM operator_proposals')).toBe('proposal_is_decided_once');
  });
});

describe('a role that may only add to the audit log', () => {
  it('can add to it, but not rewrite it, move its head or disable the guards', async () => {
    const role = `clerk_${process.pid}_${Date.now().toString(36)}`;
    await client.query(`CREATE ROLE ${role} NOLOGIN`);
    await client.query(`GRANT SELECT, INSERT ON operator_actions TO ${role}`);
    await client.query(`GRANT SELECT ON audit_head TO ${role}`);
    await client.query(`SET LOCAL ROLE ${role}`);
    expect(await resultOf(other({}))).toBe('fine');
    await client.query(other({}));
    const { rows } = await client.query('SELECT number FROM audit_head');
    expect(rows).toEqual([{ number: '1' }]);
    const PRIVILEGE_MISSING = '42501';
    for (const statement of [
      `UPDATE operator_actions SET operator = 'eve'`,
      'DELETE FROM operator_actions',
      'TRUNCATE operator_actions',
      'UPDATE audit_head SET number = 0',
      'ALTER TABLE operator_actions DISABLE TRIGGER ALL',
      'SET session_replication_role = replica',
    ]) {
      expect([statement, await resultOf(statement)]).toEqual([statement, PRIVILEGE_MISSING]);
    }
  });
});
