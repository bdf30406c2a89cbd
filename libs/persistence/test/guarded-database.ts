// A migrated database to try the database's own guards on with plain SQL: each test is a
// transaction that is rolled back, and each attempt in it a savepoint, so that a refusal does not
// end the test.
import { Pool, type PoolClient } from 'pg';
import { insertTestTerminal } from '../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';

export class GuardedDatabase {
  private constructor(
    private readonly database: TestDatabase,
    /** To put in what all tests need, before the first. */
    readonly pool: Pool,
    /** The tests' own connection. */
    readonly client: PoolClient,
  ) {}

  /** With a terminal in it, and nothing else. Call `stop` in `afterAll`. */
  static async start(): Promise<GuardedDatabase> {
    const database = await createTestDatabase();
    const pool = new Pool({ connectionString: database.url });
    await insertTestTerminal(pool);
    return new GuardedDatabase(database, pool, await pool.connect());
  }

  begin(): Promise<unknown> {
    return this.client.query('BEGIN');
  }

  rollBack(): Promise<unknown> {
    return this.client.query('ROLLBACK');
  }

  /**
   * What Postgres says to the statement: a constraint's name, an error's code (SQLSTATE), or
   * `fine`. Nothing of it stays.
   */
  async told(sql: string): Promise<string> {
    await this.client.query('SAVEPOINT attempt');
    try {
      await this.client.query(sql);
      return 'fine';
    } catch (error) {
      const { constraint, code } = error as { constraint?: string; code?: string };
      return constraint ?? code ?? 'an error of another kind';
    } finally {
      await this.client.query('ROLLBACK TO SAVEPOINT attempt');
    }
  }

  /**
   * The names of the CHECK constraints of the tables whose name matches; a domain's counts as of
   * the table `-`. Throws where there are none.
   */
  async checksOf(tables: RegExp): Promise<string[]> {
    const { rows } = await this.client.query<{ name: string; table: string }>(
      `SELECT conname AS name, conrelid::regclass::text AS table FROM pg_constraint
       WHERE contype = 'c' AND connamespace = 'public'::regnamespace`,
    );
    const names = rows.filter(({ table }) => tables.test(table)).map(({ name }) => name);
    if (names.length === 0) throw new Error(`No table that matches ${tables} has a CHECK`);
    return names;
  }

  async stop(): Promise<void> {
    this.client.release();
    await this.pool.end();
    await this.database.drop();
  }
}
