import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { migrate } from './migrations.js';

let database: TestDatabase;
let client: pg.Client;
let folder: string;

function write(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  database = await createTestDatabase('nothing');
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});

describe('migrate', () => {
  it('applies each migration once and records it as Prisma does', async () => {
    write('20260101000000_a', 'CREATE TABLE a (id integer)');
    expect(await migrate(database.url, folder)).toEqual(['20260101000000_a']);
    write('20260102000000_b', 'CREATE TABLE b (id integer)');
    expect(await migrate(database.url, folder)).toEqual(['20260102000000_b']);
    const { rows } = await client.query(
      `SELECT migration_name, length(checksum) AS length, finished_at >= started_at AS finished, applied_steps_count AS steps
       FROM _prisma_migrations ORDER BY migration_name`,
    );
    expect(rows).toEqual([
      { migration_name: '20260101000000_a', length: 64, finished: true, steps: 1 },
      { migration_name: '20260102000000_b', length: 64, finished: true, steps: 1 },
    ]);
  });

  it('applies everything once when two run at the same time', async () => {
    write('20260101000000_a', 'CREATE TABLE a (id integer); SELECT pg_sleep(0.05)');
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, folder)));
    expect(applied.flat()).toEqual(['20260101000000_a']);
  });

  it('rolls back a migration that fails, and keeps those before it', async () => {
    write('20260101000000_a', 'CREATE TABLE a (id integer)');
    write('20260102000000_b', 'CREATE TABLE b (id integer); SELECT 1 / 0');
    await expect(migrate(database.url, folder)).rejects.toThrow('20260102000000_b failed');
    const { rows } = await client.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
    );
    expect(rows.map((row: { tablename: string }) => row.tablename)).toEqual([
      '_prisma_migrations',
      'a',
    ]);
  });

  it('refuses a folder that is not there, instead of finding nothing to do', async () => {
    await expect(migrate(database.url, join(folder, 'elsewhere'))).rejects.toThrow('ENOENT');
  });

  it('stops when an applied migration was changed', async () => {
    write('20260101000000_a', 'CREATE TABLE a (id integer)');
    await migrate(database.url, folder);
    write('20260101000000_a', 'CREATE TABLE a (id bigint)');
    await expect(migrate(database.url, folder)).rejects.toThrow('was changed after it was applied');
  });
});
