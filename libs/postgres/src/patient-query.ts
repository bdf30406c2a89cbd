// The exception to the deadlines of the pool: a statement that reads or writes a whole table, once in a while.
import type { QueryConfig } from 'pg';

/** Beyond Postgres's own limit, so that it is Postgres that says no. */
const MARGIN_MS = 1_000;

/** The statement with an answer deadline of its own, for a session whose `statement_timeout` was set to `limitMs`. */
export function patientQuery(limitMs: number, text: string, values: unknown[] = []): QueryConfig {
  const query: QueryConfig & { readonly query_timeout: number } = {
    text,
    values,
    query_timeout: limitMs + MARGIN_MS,
  };
  return query;
}
