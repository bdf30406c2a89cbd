// A migrated database for testing its own guards with plain SQL. Each test is a transaction that is
// rolled back, and each statement in it a savepoint, so that a rejection does not end the test.
import { Pool, type PoolClient } from 'pg';
import { insertTestTerminal } from '../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';

export class GuardedDatabase {
  private constructor(
    private readonly database: TestDatabase,
    /** For inserting rows that all tests need, before the first one. */
    readonly pool: Pool,
    /** The connection of the tests. */
    readonly client: PoolClient,
  ) {}

  /** Creates a database that contains one terminal. Call `stop` in `afterAll`. */
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
   * Runs the statement, rolls it back, and returns the result: a constraint's name, an error's code
   * (SQLSTATE), or `fine`.
   */
  async resultOf(sql: string): Promise<string> {
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
   * Returns the names of the CHECK constraints of the tables whose name matches; a domain's counts
   * as one of the table `-`. Throws if there are none.
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
