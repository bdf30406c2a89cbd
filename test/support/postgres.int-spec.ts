import pg from 'pg';
import { fromRunner } from './environment.js';
import { eventually } from './eventually.js';
import { createTestDatabase, emptyPayments, emptyTables } from './postgres.js';

async function names(url: string, sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(sql);
    return rows.map((row) => row.name);
  } finally {
    await client.end();
  }
}

const TABLES = `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;

describe('createTestDatabase', () => {
  it('clones the migrated tables of the payments', async () => {
    const database = await createTestDatabase();
    try {
      expect(await names(database.url, TABLES)).toContain('_prisma_migrations');
    } finally {
      await database.drop();
    }
  });

  it('gives each caller a database of its own, also at once', async () => {
    const databases = await Promise.all([1, 2, 3].map(() => createTestDatabase('orders')));
    expect(new Set(databases.map(({ name }) => name)).size).toBe(3);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('drops a database that still has connections', async () => {
    const database = await createTestDatabase('nothing');
    const client = new pg.Client({ connectionString: database.url });
    const cutOff = new Promise<Error>((resolve) => {
      client.on('error', resolve);
    });
    await client.connect();
    await database.drop();
    expect((await cutOff).message).toMatch(/terminat/);
    const left = `SELECT datname AS name FROM pg_database WHERE datname = '${database.name}'`;
    expect(await names(fromRunner('TEST_DATABASE_URL'), left)).toEqual([]);
  });
});

describe('emptyTables', () => {
  it('empties tables that refer to each other and restarts their numbers', async () => {
    const database = await createTestDatabase('nothing');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('CREATE TABLE a (id serial PRIMARY KEY)');
      await client.query('CREATE TABLE b (a_id integer REFERENCES a)');
      await client.query('INSERT INTO a DEFAULT VALUES');
      await client.query('INSERT INTO b VALUES (1)');
      await emptyTables(client);
      const { rows } = await client.query('INSERT INTO a DEFAULT VALUES RETURNING id');
      expect(rows).toEqual([{ id: 1 }]);
      expect((await client.query('SELECT * FROM b')).rows).toEqual([]);
    } finally {
      await client.end();
      await database.drop();
    }
  });
});

it('empties the payments’ tables while another writer locks them in another order', async () => {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url });
  const other = await pool.connect();
  // The emptying connection must be the one that finds the deadlock.
  await other.query(`SET deadlock_timeout = '1h'; BEGIN; LOCK TABLE outbox`);
  const emptied = emptyPayments(pool);
  await eventually(async () => {
    const { rowCount } = await pool.query('SELECT FROM pg_locks WHERE NOT granted');
    expect(rowCount).toBe(1);
  });
  await other.query('LOCK TABLE merchants; COMMIT');
  other.release();
  await emptied;
  await pool.end();
  await database.drop();
});
