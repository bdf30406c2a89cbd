// Goal: any tampering with the audit log is found and located. Method: a chain of six rows,
// tampered with as a superuser with all triggers off; the first inconsistency has to be named each
// time.
import fc from 'fast-check';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { inTransaction } from '@quittance/postgres';
import { PrismaService } from '../prisma.service.js';
import { AUDITED_ACTIONS, listAudit, writeAudit } from './audit-log.js';
import { verifyAudit, verifyAuditTail } from './verify-audit.js';

let database: TestDatabase;
let pool: Pool;
let prisma: PrismaService;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
  prisma = new PrismaService(pool);
  // Otherwise it would find some of the changes that the hashes have to find.
  await pool.query('ALTER TABLE operator_actions DROP CONSTRAINT four_eyes_are_of_two');
});
beforeEach(() =>
  tamper(
    'TRUNCATE operator_actions, operator_proposals, audit_head',
    `INSERT INTO audit_head (number, hash) VALUES (0, decode(repeat('00', 32), 'hex'))`,
  ),
);
afterAll(async () => {
  await prisma.$disconnect();
  await pool.end();
  await database.drop();
});

async function act(id: string, details: { why?: string | null; after?: object | null } = {}) {
  const { why = 'ticket 4711', after = { ö: `“${id}”` } } = details;
  await writeAudit(prisma, {
    at: new Date(),
    operator: 'ann',
    action: 'merchants add',
    subject: { kind: 'merchant', id },
    why,
    before: null,
    after,
  });
}

async function aChain(): Promise<void> {
  for (const id of ['mer_1', 'mer_2', 'mer_3', 'mer_4', 'mer_5', 'mer_6']) await act(id);
}

/** Runs statements with the rights of the database's owner. */
async function tamper(...statements: readonly string[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
  });
}

/**
 * Returns the problem, or `whole`; in batches of two, so that the breaks occur at all positions of
 * a batch.
 */
async function verified(): Promise<string> {
  const finding = await verifyAudit(pool, { batch: 2 });
  return finding.isWhole ? 'whole' : finding.problem;
}

describe('an untouched chain', () => {
  it('is whole, even when it is empty', async () => {
    expect(await verifyAudit(pool)).toEqual({
      isWhole: true,
      head: { number: 0n, hash: Buffer.alloc(32) },
    });
    await aChain();
    const finding = await verifyAudit(pool);
    expect(finding).toMatchObject({ isWhole: true, head: { number: 6n } });
    expect((await listAudit(prisma, { limit: 2 })).map(({ number }) => number)).toEqual([5n, 6n]);
  });

  it('is the same in SQL and here, for every text', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 });
    const printable = text.filter((words) => words.trim() !== '' && !words.includes('\0'));
    await fc.assert(
      fc.asyncProperty(
        printable,
        fc.option(printable),
        fc.option(fc.dictionary(printable, fc.oneof(printable, fc.integer(), fc.constant(null)))),
        async (id, why, after) => {
          await act(id, { why, after });
          expect(await verified()).toBe('whole');
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has consecutive numbers when many write at once and some fail', async () => {
    const writes = Array.from({ length: 30 }, (_, index) =>
      index % 5 === 0 ? act(`mer_${index}`, { why: ' ' }).catch(() => 'refused') : act(`m${index}`),
    );
    expect((await Promise.all(writes)).filter((result) => result === 'refused')).toHaveLength(6);
    expect(await verifyAudit(pool)).toMatchObject({ isWhole: true, head: { number: 24n } });
  });

  it('accepts several rows of one statement in their order', async () => {
    await pool.query(
      `INSERT INTO operator_actions (at, operator, action, subject_kind, subject_id)
       SELECT now(), 'ann', 'keys revoke', 'api_key', 'key_' || n FROM generate_series(1, 3) n ORDER BY n`,
    );
    expect(await verified()).toBe('whole');
  });

  it('ignores a number or a hash in the statement', async () => {
    await pool.query(
      `INSERT INTO operator_actions (number, at, operator, action, subject_kind, subject_id, previous_hash, hash)
       VALUES (77, now(), 'ann', 'keys revoke', 'api_key', 'key_1', '\\x01', '\\x02')`,
    );
    expect(await verifyAudit(pool)).toMatchObject({ isWhole: true, head: { number: 1n } });
  });
});

const changed = 'action 3 was changed after it was written';
const set = (assignment: string) => `UPDATE operator_actions SET ${assignment} WHERE number = 3`;
const FORGED = `
  INSERT INTO operator_actions (number, at, operator, action, subject_kind, subject_id, previous_hash, hash)
  SELECT 7, now(), 'eve', 'keys create', 'api_key', 'key_9', hash, sha256('forged') FROM operator_actions WHERE number = 6`;

describe('a changed column is found:', () => {
  it.each([
    ['at', `at = at + interval '1 millisecond'`],
    ['operator', `operator = 'bob'`],
    ['action', `action = 'keys create'`],
    ['subject_kind', `subject_kind = 'api_key'`],
    ['subject_id', `subject_id = 'mer_9'`],
    ['sequence', 'sequence = 1'],
    ['why', `why = 'other'`],
    ['why, taken away', 'why = NULL'],
    ['before', `before = '{}'`],
    ['after', `after = '{"ö":"other"}'`],
    ['after, by a blank', `after = (after::text || ' ')::json`],
    ['proposal_id', `proposal_id = 'prp_1'`],
    ['proposed_by', `proposed_by = 'bob', proposal_id = 'prp_1'`],
  ])('%s', async (_column, assignment) => {
    await aChain();
    const isReal = `INSERT INTO operator_proposals (id, action, subject_kind, subject_id, arguments, proposed_by, proposed_at,
      expires_at) VALUES ('prp_1', 'resolve', 'payment', 'x', '{}', 'bob', now(), now() + interval '1 h')`;
    await tamper(isReal, set(assignment));
    expect(await verified()).toBe(changed);
    expect(await verifyAuditTail(pool, 5)).toBe(changed);
  });

  it('number', async () => {
    await aChain();
    await tamper(set('number = 33'));
    expect(await verified()).toBe('action 3 is missing');
  });

  it('hash and previous_hash', async () => {
    await aChain();
    await tamper(set(`hash = sha256('x')`));
    expect(await verified()).toBe(changed);
    await tamper(set(`hash = (SELECT previous_hash FROM operator_actions WHERE number = 4)`));
    expect(await verified()).toBe('whole');
    await tamper(set(`previous_hash = sha256('x')`));
    expect(await verified()).toMatch(/^action 3 does not follow the previous one/);
  });

  it('payment_id and refund_id cannot be set at all', async () => {
    await aChain();
    await expect(tamper(set(`payment_id = 'pi_1'`))).rejects.toThrow('payment_id');
    await expect(tamper(set(`refund_id = 're_1'`))).rejects.toThrow('refund_id');
  });

  it('every column of the table is tested above', async () => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'operator_actions'`,
    );
    const spokenOf =
      'number at operator action subject_kind subject_id sequence why before after proposal_id proposed_by ' +
      'previous_hash hash payment_id refund_id';
    expect(rows.map(({ name }) => name).toSorted()).toEqual(spokenOf.split(' ').toSorted());
  });
});

describe('a row that was', () => {
  it.each<[string, readonly string[], RegExp]>([
    [
      'removed from the middle',
      ['DELETE FROM operator_actions WHERE number = 3'],
      /^action 3 is miss/,
    ],
    [
      'removed from the start',
      ['DELETE FROM operator_actions WHERE number = 1'],
      /^action 1 is miss/,
    ],
    [
      'removed from the end',
      ['DELETE FROM operator_actions WHERE number = 6'],
      /^the last 1 are miss/,
    ],
    ['removed with all others', ['DELETE FROM operator_actions'], /^the last 6 are missing/],
    ['inserted at the end', [FORGED], /^action 7 was changed after it was written/],
    [
      'inserted before the start',
      [
        `INSERT INTO operator_actions (number, at, operator, action, subject_kind, subject_id, previous_hash, hash)
         VALUES (0, now(), 'eve', 'keys create', 'api_key', 'k', sha256('a'), sha256('b'))`,
      ],
      /^action 0 has an impossible number/,
    ],
    [
      'inserted into a gap with the digest of the previous one',
      [
        'DELETE FROM operator_actions WHERE number = 4',
        FORGED.replace('7', '4').replace('number = 6', 'number = 3'),
      ],
      /^action 4 was changed after it was written/,
    ],
    [
      'exchanged with its neighbour',
      [
        'UPDATE operator_actions SET number = -1 WHERE number = 3',
        'UPDATE operator_actions SET number = 3 WHERE number = 4',
        'UPDATE operator_actions SET number = 4 WHERE number = -1',
      ],
      /^action 3 does not follow the previous one/,
    ],
    [
      'removed from the end together with the head',
      ['DELETE FROM operator_actions WHERE number = 6', 'UPDATE audit_head SET number = 5'],
      /^action 5 is not the one that the head names/,
    ],
    ['left without a head', ['DELETE FROM audit_head'], /^the head of the chain is missing/],
  ])('%s is found', async (what, statements, words) => {
    await aChain();
    await tamper(...statements);
    expect(await verified()).toMatch(words);
    // The tail of three does not cover earlier rows.
    if (!/start|middle|all|gap|neighbour/.test(what)) {
      expect(await verifyAuditTail(pool, 3)).toBeDefined();
    }
  });
});

describe('a chain that an administrator recomputed', () => {
  it('is consistent, but not with a head that was noted', async () => {
    await aChain();
    const noted = await verifyAudit(pool);
    if (!noted.isWhole) throw new Error(noted.problem);
    await act('mer_7');
    expect(await verifyAudit(pool, { noted: noted.head })).toMatchObject({ isWhole: true });

    // Removes the end, and sets the head back to match.
    await tamper(
      'DELETE FROM operator_actions WHERE number > 4',
      `UPDATE audit_head SET number = 4, hash = (SELECT hash FROM operator_actions WHERE number = 4)`,
    );
    expect(await verified()).toBe('whole');
    const missing = { isWhole: false, problem: 'the noted action 6 is missing' };
    expect(await verifyAudit(pool, { noted: noted.head })).toEqual(missing);

    // Writes other rows in its place.
    for (const id of ['mer_5', 'mer_6', 'mer_7']) await act(id, { why: 'another story' });
    expect(await verified()).toBe('whole');
    expect(await verifyAudit(pool, { noted: noted.head })).toEqual({
      isWhole: false,
      problem: 'action 6 is not the one that was noted: the chain was rewritten',
    });
  });
});

it('the actions of the library are those of the database', async () => {
  const { rows } = await pool.query<{ rule: string }>(
    `SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE conname = 'operator_actions_action_check'`,
  );
  const known = [...(rows[0]?.rule ?? '').matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
  expect(known.toSorted()).toEqual([...AUDITED_ACTIONS].toSorted());
});
