// `--statements`: the cost of Postgres's statements over the rounds that count.
import { onDatabase, withDatabase } from '@quittance/databases';
import { rounded } from './figures.js';

const RESET =
  'CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()';
const COSTS = `
  SELECT round(total_plan_time + total_exec_time)::int AS total_ms, round(total_plan_time)::int AS plan_ms, calls::int,
    rows::int, round(mean_exec_time * 1000)::int AS mean_us, round(wal_bytes / greatest(calls, 1))::int AS wal_bytes,
    left(datname || ': ' || regexp_replace(query, '\\s+', ' ', 'g'), 100) AS statement
  FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid ORDER BY 1 DESC LIMIT 20`;

const NAMES_OF_ALL = "SELECT datname AS name FROM pg_database WHERE datname !~ '^template'";

/** Forgets the statements so far, and the updates that databases have counted. */
export async function resetStatements(databaseUrl: string): Promise<void> {
  const { rows } = await onDatabase(databaseUrl, async (client) => {
    await client.query(RESET);
    return client.query<{ readonly name: string }>(NAMES_OF_ALL);
  });
  for (const { name } of rows)
    await onDatabase(withDatabase(databaseUrl, name), (client) =>
      client.query('SELECT pg_stat_reset()'),
    );
}

/** $1 is the name of a contestant. Its databases begin with it. */
const WORK = `
  SELECT array_agg(DISTINCT datname)::text[] AS names, sum(calls)::int AS statements, sum(wal_bytes)::float8 AS wal_bytes
  FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid
  WHERE toplevel AND (datname = $1 OR datname LIKE $1 || '\\_%')`;
const UPDATES = `
  SELECT sum(n_tup_upd)::float8 AS updates, sum(n_tup_hot_upd)::float8 AS heap_only FROM pg_stat_user_tables`;

/**
 * A contestant's work in Postgres for one payment since {@link resetStatements}: statements, bytes
 * of WAL that they wrote, full pages after a checkpoint included, and the share of updates that
 * wrote no index (heap-only).
 */
export async function postgresWork(databaseUrl: string, contestant: string, payments: number) {
  const { rows } = await onDatabase(databaseUrl, (client) => client.query(WORK, [contestant]));
  const { names, statements, wal_bytes } = rows[0];
  let [updates, heapOnly] = [0, 0];
  for (const name of names as string[]) {
    const ofOne = await onDatabase(withDatabase(databaseUrl, name), (client) =>
      client.query(UPDATES),
    );
    updates += ofOne.rows[0].updates;
    heapOnly += ofOne.rows[0].heap_only;
  }
  return {
    statements: rounded(statements / payments, 2),
    wal_bytes: rounded(wal_bytes / payments, 0),
    updates: rounded(updates / payments, 2),
    heap_only_share: rounded(heapOnly / updates, 2),
  };
}

/** Prints the dearest statements on all databases of the server. */
export async function printStatements(databaseUrl: string): Promise<void> {
  console.table((await onDatabase(databaseUrl, (client) => client.query(COSTS))).rows);
}

const NAMING = `
  SELECT calls::int, rows::int, round(mean_exec_time::numeric, 2)::float8 AS mean_ms, round(max_exec_time::numeric, 2)::float8 AS max_ms,
    round(total_exec_time)::int AS total_ms, round(wal_bytes / greatest(calls, 1))::int AS wal_bytes,
    left(regexp_replace(query, '\\s+', ' ', 'g'), 90) AS statement
  FROM pg_stat_statements WHERE query LIKE '%' || $1 || '%' AND toplevel ORDER BY total_exec_time DESC LIMIT 12`;

/** Resolves with the cost of the statements that name a table. */
export async function statementsOn(databaseUrl: string, table: string): Promise<object[]> {
  return (await onDatabase(databaseUrl, (client) => client.query(NAMING, [table]))).rows;
}
