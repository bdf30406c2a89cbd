// What each SQL statement cost Postgres, by its own statistics.
import type { Client } from 'pg';
import { onDatabase } from '@quittance/databases';
import type { Servers } from '../machine/servers.js';

interface Cost {
  readonly database: string;
  readonly query: string;
  readonly calls: number;
  readonly rows: number;
  readonly total_ms: number;
  readonly plan_ms: number;
  readonly mean_ms: number;
  readonly wal_bytes: number;
}

const WIDTH = 100;

const COSTS = `
  SELECT d.datname AS database, s.query, s.calls::int AS calls, s.rows::int AS rows,
    s.total_plan_time + s.total_exec_time AS total_ms, s.total_plan_time AS plan_ms,
    s.mean_exec_time AS mean_ms, s.wal_bytes::float8 AS wal_bytes
  FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
  ORDER BY total_ms DESC LIMIT $1`;

const onPostgres = <T>(servers: Servers, work: (client: Client) => Promise<T>): Promise<T> =>
  onDatabase(servers.databaseUrl('postgres'), work);

/** Forgets what the start and the warm-up cost. */
export function forgetStatements(servers: Servers): Promise<void> {
  return onPostgres(servers, async (client) => {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    await client.query('SELECT pg_stat_statements_reset()');
  });
}

/** A table of the most expensive statements of all databases. */
export async function statementTable(servers: Servers, count: number): Promise<string> {
  const { rows } = await onPostgres(servers, (client) => client.query<Cost>(COSTS, [count]));
  const lines = rows.map(
    ({ database, query, calls, rows: affected, total_ms, plan_ms, mean_ms, wal_bytes }) => {
      const figures = [
        total_ms.toFixed(0),
        plan_ms.toFixed(0),
        calls,
        affected,
        (mean_ms * 1000).toFixed(0),
        Math.round(wal_bytes / Math.max(calls, 1)),
      ];
      const cells = figures.map((cell) => String(cell).padStart(9)).join('');
      return `  ${cells}  ${database}: ${query.replace(/\s+/g, ' ').trim().slice(0, WIDTH)}`;
    },
  );
  return ['   total ms planning    calls     rows  mean µs WAL bytes  statement', ...lines].join(
    '\n',
  );
}
