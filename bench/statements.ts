// `--statements`: the cost of Postgres's statements over the rounds that count.
import { onDatabase } from '@quittance/databases';

const RESET =
  'CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()';
const COSTS = `
  SELECT round(total_plan_time + total_exec_time)::int AS total_ms, round(total_plan_time)::int AS plan_ms, calls::int,
    rows::int, round(mean_exec_time * 1000)::int AS mean_us, round(wal_bytes / greatest(calls, 1))::int AS wal_bytes,
    left(datname || ': ' || regexp_replace(query, '\\s+', ' ', 'g'), 100) AS statement
  FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid ORDER BY 1 DESC LIMIT 20`;

/** Forgets the statements so far. */
export async function resetStatements(databaseUrl: string): Promise<void> {
  await onDatabase(databaseUrl, (client) => client.query(RESET));
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
