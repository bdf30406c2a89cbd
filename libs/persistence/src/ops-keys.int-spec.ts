// Goal: after the upgrade no merchant's key opens the queue board, and every key keeps what it may have. Method: the database as it
// was migrated up to then, with keys of each kind, and then the rest of the migrations.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { migrate } from '../../../tools/database/migrations.mjs';

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));
const UPGRADE = '20261127000101_operators_keys';

let database: TestDatabase;
let pool: Pool;
let earlier: string;
beforeAll(async () => {
  database = await createTestDatabase('nothing');
  pool = new Pool({ connectionString: database.url });
  earlier = mkdtempSync(join(tmpdir(), 'earlier-'));
  for (const name of readdirSync(MIGRATIONS).filter((known) => known < UPGRADE))
    cpSync(join(MIGRATIONS, name), join(earlier, name), { recursive: true });
});
afterAll(async () => {
  rmSync(earlier, { recursive: true });
  await pool.end();
  await database.drop();
});

it('takes the scopes of the operator from the keys of merchants', async () => {
  await migrate(database.url, earlier);
  await pool.query(`INSERT INTO merchants VALUES ('mer_1', 'acme', now())`);
  await pool.query(`
    INSERT INTO api_keys (id, merchant_id, secret_sha256, scopes, created_at, revoked_at)
    SELECT id, 'mer_1', sha256(id::bytea), scopes::text[], now(), revoked::timestamptz FROM (VALUES
      ('key_mixed', '{ops:read,payments:read,ops:write,refunds:write}', NULL),
      ('key_ops', '{ops:read,ops:write}', NULL),
      ('key_payments', '{payments:write}', NULL),
      ('key_revoked', '{ops:read,payments:read}', '2026-01-01')) AS old (id, scopes, revoked)`);
  expect((await migrate(database.url, MIGRATIONS))[0]).toBe(UPGRADE);
  const { rows } = await pool.query(
    `SELECT id, scopes, revoked_at IS NOT NULL AS "isRevoked" FROM api_keys ORDER BY id`,
  );
  expect(rows).toEqual([
    { id: 'key_mixed', scopes: ['payments:read', 'refunds:write'], isRevoked: false },
    { id: 'key_ops', scopes: ['ops:read', 'ops:write'], isRevoked: true },
    { id: 'key_payments', scopes: ['payments:write'], isRevoked: false },
    { id: 'key_revoked', scopes: ['ops:read', 'payments:read'], isRevoked: true },
  ]);
  // A revoked key is not let in again by taking the revocation back.
  for (const id of ['key_ops', 'key_revoked']) {
    const back = pool.query('UPDATE api_keys SET revoked_at = NULL WHERE id = $1', [id]);
    await expect(back).rejects.toMatchObject({ constraint: 'ops_scopes_are_the_operators' });
  }
});
