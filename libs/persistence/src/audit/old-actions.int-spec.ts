// Goal: what people did before there was a chain is in it after the upgrade: whole, in order, and with the reasons they gave. Method: the
// database as it was migrated up to then, with rows, and then the rest of the migrations.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { migrate } from '../../../../tools/database/migrations.mjs';
import { Payments } from '../payments.js';
import { verifyAudit } from './verify-audit.js';

const MIGRATIONS = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url));
const CHAIN = '20261121001000_audit_chain';

let database: TestDatabase;
let pool: Pool;
let earlier: string;
beforeAll(async () => {
  database = await createTestDatabase('nothing');
  pool = new Pool({ connectionString: database.url });
  earlier = mkdtempSync(join(tmpdir(), 'earlier-'));
  for (const name of readdirSync(MIGRATIONS).filter((known) => known < CHAIN))
    cpSync(join(MIGRATIONS, name), join(earlier, name), { recursive: true });
});
afterAll(async () => {
  rmSync(earlier, { recursive: true });
  await pool.end();
  await database.drop();
});

it('enters the actions of earlier versions into the chain', async () => {
  await migrate(database.url, earlier);
  // A column of that version, which every terminal had to name.
  await pool.query('ALTER TABLE terminals ALTER confirm_plain_success SET DEFAULT true');
  await insertTestTerminal(pool);
  const done = [aPayment(), aPayment(), aPayment()];
  for (const [at, payment] of done.entries()) {
    await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
    await pool.query(
      `INSERT INTO operator_actions (at, operator, action, payment_id, sequence, evidence, before, after)
       VALUES ($1, 'ann', 'resolve', $2, 1, $3, '{"status": "in_doubt"}', '{"status": "failed"}')`,
      [new Date(Date.UTC(2026, 10, 20 - at)), payment.id, `statement ${at}`],
    );
  }

  const applied = await migrate(database.url, MIGRATIONS);
  expect(applied[0]).toBe(CHAIN);
  const { rows } = await pool.query(
    'SELECT number::int, operator, action, payment_id, sequence, why, after FROM operator_actions ORDER BY number',
  );
  expect(rows).toEqual(
    done.map(({ id }, at) => ({
      number: at + 1,
      operator: 'ann',
      action: 'resolve',
      payment_id: id,
      sequence: 1,
      why: `statement ${at}`,
      after: { status: 'failed' },
    })),
  );
  expect(await verifyAudit(pool)).toMatchObject({ isWhole: true, head: { number: 3n } });
});
