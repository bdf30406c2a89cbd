// A database per test file, cloned from one that was migrated once.
import { setTimeout as pause } from 'node:timers/promises';
import { inTransaction } from '@quittance/persistence';
import pg from 'pg';
import { roleOf } from '@quittance/databases';
import { POSTGRES_DEADLINES } from '@quittance/postgres';
import { fromRunner } from './environment.js';

/**
 * The content of a new test database: the migrated tables of the payments, of the order domain, or
 * nothing.
 */
export type TestDatabaseContent = 'payments' | 'orders' | 'nothing';

/** A database that belongs to one test file. */
export interface TestDatabase {
  readonly name: string;
  /** Of the tables' owner. */
  readonly url: string;
  /** Of a process's role, with its rights. */
  urlAs(process: 'api' | 'worker' | 'webhook' | 'operator' | 'orders'): string;
  /** Drops it and ends its connections. Call it in `afterAll`. */
  drop(): Promise<void>;
}

/**
 * For a pool that many callers of a test share at once: the last one may wait for its turn longer
 * than a process lets a request wait.
 */
export const PATIENT_DEADLINES = { ...POSTGRES_DEADLINES, connectMs: 30_000 };

const SOURCE_IS_IN_USE = '55006';
const CLONE_ATTEMPTS = 50;
const DEADLOCK = '40P01';
const EMPTYING_ATTEMPTS = 5;
const LEFT_LIMIT_MS = 2_000;
const LEFT_CHECK_MS = 20;
let counter = 0;

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: fromRunner('TEST_DATABASE_URL') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function templateOf(content: TestDatabaseContent): string {
  if (content === 'nothing') return 'template0';
  return fromRunner(content === 'payments' ? 'TEST_TEMPLATE_PAYMENTS' : 'TEST_TEMPLATE_ORDERS');
}

async function clone(client: pg.Client, name: string, template: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
      return;
    } catch (error) {
      // Another file's clone of the same template, or autovacuum, uses it for a moment.
      const inUse = error instanceof pg.DatabaseError && error.code === SOURCE_IS_IN_USE;
      if (!inUse || attempt === CLONE_ATTEMPTS) throw error;
    }
  }
}

/**
 * A pool that has been ended may still be closing its connections; cutting one of them then raises
 * an error without a listener.
 */
async function untilLeft(client: pg.Client, name: string): Promise<void> {
  const deadline = Date.now() + LEFT_LIMIT_MS;
  for (;;) {
    const { rows } = await client.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1', [
      name,
    ]);
    if (rows.length === 0 || Date.now() > deadline) return;
    await pause(LEFT_CHECK_MS);
  }
}

function urlOf(name: string): string {
  const url = new URL(fromRunner('TEST_DATABASE_URL'));
  url.pathname = `/${name}`;
  return url.href;
}

/** The URL with the role of a process in place of its account. */
export function asRole(url: string, process: string): string {
  const changed = new URL(url);
  changed.username = roleOf(process);
  return changed.href;
}

/** Makes a database for one test file. */
export async function createTestDatabase(
  content: TestDatabaseContent = 'payments',
): Promise<TestDatabase> {
  counter += 1;
  const name = `${fromRunner('TEST_DATABASE_PREFIX')}${process.pid}_${counter}_${Date.now().toString(36)}`;
  await onServer((client) => clone(client, name, templateOf(content)));
  return {
    name,
    url: urlOf(name),
    urlAs: (process) => asRole(urlOf(name), process),
    drop: () =>
      onServer(async (client) => {
        await untilLeft(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

/** Empties every table except the history of migrations, between the tests of a file. */
export async function emptyTables(client: pg.Client | pg.Pool): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
  );
  if (rows.length === 0) return;
  await client.query(
    `TRUNCATE ${rows.map(({ name }) => name).join(', ')} RESTART IDENTITY CASCADE`,
  );
}

/**
 * Deletes all merchants with all their data, between the tests of a file, and restarts the audit,
 * which refuses deletions.
 */
export async function emptyPayments(pool: pg.Pool): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await inTransaction(pool, async (client) => {
        await client.query('SET LOCAL session_replication_role = replica');
        await client.query(
          'TRUNCATE merchants, outbox, lanes, operator_actions, audit_head CASCADE',
        );
        await client.query(
          `INSERT INTO audit_head (number, hash) VALUES (0, decode(repeat('00', 32), 'hex'))`,
        );
      });
      return;
    } catch (error) {
      // A relay of the last test may still run, and it locks the same tables in another order.
      const isDeadlock = error instanceof pg.DatabaseError && error.code === DEADLOCK;
      if (!isDeadlock || attempt === EMPTYING_ATTEMPTS) throw error;
    }
  }
}
