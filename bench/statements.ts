// `--statements`: the cost of Postgres's statements over the rounds that count.
import { onDatabase } from '@quittance/databases';

const RESET = 'CREATE EXTENSION pg_stat_statements; SELECT pg_stat_statements_reset()';
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
