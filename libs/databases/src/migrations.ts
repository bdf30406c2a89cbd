// Applies hand-written SQL in Prisma's folder layout and keeps Prisma's own `_prisma_migrations`
// table, so that `prisma migrate deploy` sees the same history. Prisma's own runner needs an engine
// that cannot be downloaded everywhere.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { DatabaseProblem, onDatabase } from './database.js';

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

const HISTORY = 'SELECT * FROM _prisma_migrations WHERE rolled_back_at IS NULL';

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A row of Prisma's own table that was not rolled back. */
interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** The migrations of a folder, oldest first: `<time>_<what>/migration.sql`. */
function readMigrations(folder: string): Migration[] {
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
 * The migrations that are left to apply.
 * @throws {DatabaseProblem} if an applied migration was changed, is missing, or stopped half-way
 */
export function planMigrations(
  migrations: readonly Migration[],
  history: readonly AppliedMigration[],
): Migration[] {
  for (const row of history) {
    const migration = migrations.find(({ name }) => name === row.migration_name);
    if (row.finished_at === null) {
      throw new DatabaseProblem(
        `Migration ${row.migration_name} stopped half-way; see prisma migrate resolve.`,
      );
    }
    if (migration === undefined) {
      throw new DatabaseProblem(
        `The database has migration ${row.migration_name}, which this version does not know: a later version made the\n` +
          'database, or one from before the first release. Nothing was changed. If the data may go: npm run db:reset',
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new DatabaseProblem(
        `Migration ${row.migration_name} was changed after it was applied. Write a new one instead,\n` +
          'or, if the data may go, start afresh with: npm run db:reset',
      );
    }
  }
  const applied = new Set(history.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const startedAt = new Date();
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name, startedAt],
    );
  } catch (failed) {
    const error = failed as pg.DatabaseError;
    const place = error.position ? ` (at character ${error.position})` : '';
    throw new DatabaseProblem(
      `Migration ${name} failed, nothing of it was applied: ${error.message}${place}`,
      { cause: failed },
    );
  }
}

/**
 * Resolves with the names of the migrations of `folder` that a database lacks.
 * @throws {DatabaseProblem} if the history does not fit the folder
 */
export async function pendingMigrations(client: pg.ClientBase, folder: string): Promise<string[]> {
  const { rows } = await client.query<AppliedMigration>(HISTORY);
  return planMigrations(readMigrations(folder), rows).map(({ name }) => name);
}

/**
 * Brings a database up to date, each migration in its own transaction. Two at once take turns.
 * @param folder holds `<time>_<what>/migration.sql`
 * @returns names of the migrations applied now
 * @throws {DatabaseProblem} if the history does not fit the folder, or a migration fails
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const migrations = readMigrations(folder);
  return onDatabase(url, async (client) => {
    const applied: string[] = [];
    for (;;) {
      const name = await applyNext(client, migrations);
      if (name === undefined) return applied;
      applied.push(name);
    }
  });
}

/**
 * Applies the first migration that is left, in a transaction. The lock belongs to the transaction
 * too: a session with a lock could stay behind in a pooler, and stop every later migration.
 */
async function applyNext(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<string | undefined> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await client.query(HISTORY_TABLE);
    const { rows } = await client.query<AppliedMigration>(HISTORY);
    const [next] = planMigrations(migrations, rows);
    if (next) await apply(client, next);
    await client.query('COMMIT');
    return next?.name;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
