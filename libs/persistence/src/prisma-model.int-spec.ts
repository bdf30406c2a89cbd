// Goal: Prisma's model and the hand-written migrations cannot drift apart. Method: both are
// expressed in the database's own names and compared as a whole, so that an extra column on either
// side is a difference.
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { readPrismaSchema } from '../test/prisma-schema.js';

const model = readPrismaSchema(new URL('../../../prisma/schema.prisma', import.meta.url));
let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function ask<Row extends object>(sql: string): Promise<Row[]> {
  return (await pool.query<Row>(sql)).rows;
}
const described = (columns: typeof model.columns) =>
  columns
    .map(
      ({ table, column, type, isNullable }) =>
        `${table}.${column} ${type}${isNullable ? ' null' : ''}`,
    )
    .toSorted();

it('has the columns of the migrated database, with their types and nullability', async () => {
  const columns = await ask<(typeof model.columns)[number]>(`
    SELECT table_name AS "table", column_name AS "column", is_nullable = 'YES' AS "isNullable",
      CASE WHEN udt_name = 'timestamptz' THEN udt_name || '(' || datetime_precision || ')' ELSE udt_name END AS type
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`);
  expect(columns.length).toBeGreaterThan(50);
  expect(described(model.columns)).toEqual(described(columns));
});

it('has the enums of the migrated database, with their labels in order', async () => {
  const labels = await ask<{ type: string; labels: string[] }>(`
    SELECT typname AS type, array_agg(enumlabel::text ORDER BY enumsortorder) AS labels
    FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid GROUP BY typname`);
  expect(model.enums).toEqual(Object.fromEntries(labels.map((row) => [row.type, row.labels])));
});

it('has the primary keys of the migrated database', async () => {
  const keys = await ask<{ table: string; columns: string[] }>(`
    SELECT conrelid::regclass::text AS "table", array_agg(attname::text ORDER BY position) AS columns
    FROM pg_constraint
      CROSS JOIN unnest(conkey) WITH ORDINALITY AS part(number, position)
      JOIN pg_attribute ON attrelid = conrelid AND attnum = part.number
    WHERE contype = 'p' AND connamespace = 'public'::regnamespace AND conrelid <> '_prisma_migrations'::regclass
    GROUP BY conrelid`);
  expect(model.keys).toEqual(Object.fromEntries(keys.map((row) => [row.table, row.columns])));
});
