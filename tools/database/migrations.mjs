// Applies hand-written SQL in Prisma's folder layout and keeps Prisma's own `_prisma_migrations`
// table, so that `prisma migrate deploy` sees the same history. Prisma's own runner needs an engine
// that cannot be downloaded everywhere.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../terminal/problem.mjs';

/** A migration may take its time, which a person watches; a server that is not there may not. */
export const PATIENCE = {
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
};

// Prisma's own number: neither two of us nor one of us and one of Prisma run at once.
const ADVISORY_LOCK = 72_707_369;

const HISTORY_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/**
 * @typedef {{ readonly name: string, readonly sql: string, readonly checksum: string }} Migration
 */

/**
 * A row of Prisma's own table that was not rolled back.
 * @typedef {{ readonly migration_name: string, readonly checksum: string, readonly finished_at: Date | null }} AppliedMigration
 */

/**
 * The migrations of a folder, oldest first.
 * @param {string} folder holds `<time>_<what>/migration.sql`
 * @returns {Migration[]}
 */
export function readMigrations(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * What is left to apply.
 * @param {readonly Migration[]} migrations
 * @param {readonly AppliedMigration[]} history
 * @throws {Problem} when an applied migration was changed, is missing, or stopped half-way
 */
export function planMigrations(migrations, history) {
  for (const row of history) {
    const migration = migrations.find(({ name }) => name === row.migration_name);
    if (row.finished_at === null) {
      throw new Problem(
        `Migration ${row.migration_name} stopped half-way; see prisma migrate resolve.`,
      );
    }
    if (migration === undefined) {
      throw new Problem(
        `The database has migration ${row.migration_name}, which this version does not know: a later version made the\n` +
          'database, or one from before the first release. Nothing was changed. If the data may go: npm run db:reset',
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new Problem(
        `Migration ${row.migration_name} was changed after it was applied. Write a new one instead,\n` +
          'or, if the data may go, start afresh with: npm run db:reset',
      );
    }
  }
  const applied = new Set(history.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}

/**
 * @param {import('pg').Client} client
 * @param {Migration} migration
 */
async function apply(client, { name, sql, checksum }) {
  const startedAt = new Date();
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name, startedAt],
    );
    await client.query('COMMIT');
  } catch (failed) {
    const error = /** @type {import('pg').DatabaseError} */ (failed);
    await client.query('ROLLBACK');
    const place = error.position ? ` (at character ${error.position})` : '';
    throw new Problem(
      `Migration ${name} failed, nothing of it was applied: ${error.message}${place}`,
    );
  }
}

/**
 * Brings a database up to date, each migration in its own transaction.
 * @param {string} url
 * @param {string} folder
 * @returns {Promise<string[]>} names of the migrations applied now
 */
export async function migrate(url, folder) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, ...PATIENCE });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(HISTORY_TABLE);
    const { rows } = await client.query(
      'SELECT * FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    );
    const pending = planMigrations(readMigrations(folder), rows);
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
