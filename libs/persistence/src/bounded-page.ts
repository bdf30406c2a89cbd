// Pages of payments and of refunds, newest first, each for a bounded number of rows read, however
// few of them match. A page reads along an index that ends with the id, from its cursor on, and
// stops at the limit, at the last row of the list, or after SCANNED_MAX rows: then it has fewer
// rows than it could, even none, and a cursor to continue from, as the list of events has.
//
// Ids begin with the time of `created_at`, so a condition on that time is a bound on the id, which
// needs no index. The conditions on the index are row comparisons and its columns are sorted by,
// so that no other index has the order: with equal signs, a plan made from stale statistics reads
// the primary key and passes over the rows of all other merchants. SQL: Prisma has neither.
import { lowestId } from '@quittance/platform';
import type { Reads } from './replica/reads.js';
import type { Queryable } from './replica/replica.js';

/** The rows that a page reads at most: half a millisecond from memory. */
export const SCANNED_MAX = 1_000;

/** A table of payments or refunds, and the columns of a row `n` of it to read. */
export interface ListedTable {
  readonly table: 'payment_intents' | 'refunds';
  readonly prefix: 'pi' | 're';
  readonly columns: string;
}

/** SQL, each `?` of which stands for one of the values. */
export type Condition = readonly [sql: string, ...values: readonly unknown[]];

/** Part of a list. */
export interface PageQuery {
  /** The columns of an index before its last one, `id`, and their values; none: the primary key. */
  readonly along: Readonly<Record<string, string>>;
  /** Columns that find a row or few by an index of their own, and their values. */
  readonly lookup?: Readonly<Record<string, string>>;
  /** Conditions on each row `n` read; an undefined one does not restrict. */
  readonly matching: Readonly<Record<string, Condition | undefined>>;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  /** Only rows older than the one with this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A page. */
export interface BoundedPage<Row> {
  readonly rows: readonly Row[];
  /** The list continues after this id; null at its end. */
  readonly next: string | null;
}

interface Listed {
  readonly id: string;
}

/** Every row has `scan_end`; a page without rows is one row without an id. */
type ReadRow<Row extends Listed> =
  | (Row & { readonly scan_end: string | null })
  | { readonly id: null; readonly scan_end: string | null };

/**
 * Returns the server to read a page from. One payment, that of a reference, and the rows of one
 * order or payment are read from the primary: callers decide by them.
 */
export function sourceOf(reads: Reads, { prefix }: ListedTable, query: PageQuery): Queryable {
  const { along, lookup = {}, createdBefore, after } = query;
  const isOfMerchant = Object.keys(along).every((column) => column === 'merchant_id');
  if (!isOfMerchant || Object.keys(lookup).length > 0) return reads.primary;
  if (createdBefore === undefined && after === undefined) return reads.recent;
  return reads.before(prefix, endOf(prefix, query));
}

/** Returns the rows that match, up to the limit. */
export async function readPage<Row extends Listed>(
  pool: Queryable,
  list: ListedTable,
  query: PageQuery,
): Promise<BoundedPage<Row>> {
  const { rows: read } = await pool.query<ReadRow<Row>>(statementOf(list, query));
  const rows = read.filter((row): row is Row & ReadRow<Row> => row.id !== null);
  // One more row than the page has shows that there are more.
  const isFull = rows.length > query.limit;
  const page = rows.slice(0, query.limit);
  return { rows: page, next: isFull ? (page.at(-1)?.id ?? null) : (read[0]?.scan_end ?? null) };
}

/** The end of the scan is read only if the page is not full, from the index alone. */
function statementOf({ table, prefix, columns }: ListedTable, query: PageQuery) {
  const { along, lookup = {}, limit } = query;
  const matching = Object.entries(query.matching).flatMap(([name, condition]) =>
    condition ? [{ name, condition }] : [],
  );
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const most = place(limit + 1);
  const key = [...Object.keys(along), 'id'];
  const places = Object.values(along).map(place);
  const bound = (id: string) => `(${[...places, place(id)].join(', ')})`;
  const order = key.map((column) => `${column} DESC`).join(', ');
  const conditions = [
    `(${key.join(', ')}) < ${bound(endOf(prefix, query))}`,
    `(${key.join(', ')}) >= ${bound(startOf(prefix, query))}`,
    // A partial index requires it.
    ...Object.keys(along).map((column) => `${column} IS NOT NULL`),
    ...Object.entries(lookup).map(([column, value]) => `${column} = ${place(value)}`),
  ];
  const scan = `FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY ${order}`;
  const clauses = matching.map(({ condition: [sql, ...given] }) =>
    given.reduce<string>((clause, value) => clause.replace('?', place(value)), sql),
  );
  const text = `
WITH page AS MATERIALIZED (
  SELECT * FROM (SELECT * ${scan} LIMIT ${SCANNED_MAX}) n
  ${clauses.length > 0 ? `WHERE ${clauses.join(' AND ')}` : ''} ORDER BY ${order} LIMIT ${most})
SELECT s.scan_end, ${columns}
FROM (SELECT CASE WHEN (SELECT count(*) FROM page) < ${most}
  THEN (SELECT id ${scan} LIMIT 1 OFFSET ${SCANNED_MAX - 1}) END AS scan_end) s LEFT JOIN page n ON true
ORDER BY n.id DESC`;
  const names = [
    ...Object.keys(along),
    ...Object.keys(lookup),
    ...matching.map(({ name }) => name),
  ];
  return { name: ['list', table, ...names].join('_'), text, values };
}

/** Returns the id before which the page begins. */
function endOf(prefix: string, { createdBefore, after }: PageQuery): string {
  const ends = [`${prefix}_z`];
  if (createdBefore) ends.push(lowestId(prefix, createdBefore));
  if (after !== undefined) ends.push(after);
  return ends.reduce((least, id) => (id < least ? id : least));
}

/** Returns the id with which the list ends. Times are in whole milliseconds. */
function startOf(prefix: string, { createdAfter }: PageQuery): string {
  return createdAfter ? lowestId(prefix, new Date(createdAfter.getTime() + 1)) : '';
}
