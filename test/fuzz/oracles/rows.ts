// Judges everything that a run leaves in Postgres, by rules that are written for this purpose and
// not taken from the code that stores, and reads all of it back through the api.
import { StoredInvariants } from '@quittance/persistence';
import type pg from 'pg';
import { z } from 'zod';
import { onDatabase } from '@quittance/databases';
import type { Contract } from '../requests/contract.js';
import type { Secrets } from './secrets.js';

const SHOWN = 20;
/** A number beyond 2^53 would be rounded on the way, so these are read as text. */
const AMOUNTS = /"(amount_minor|refunded_minor)":(-?\d+)/g;
const NOT_TEXT = /[\p{Cc}\p{Cs}]/u;

/** Control characters, NUL and halves of surrogate pairs, in members and their names. */
function isText(value: unknown): boolean {
  if (typeof value === 'string') return !NOT_TEXT.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every((pair) => pair.every(isText));
}

const reference = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
const amount = z.coerce
  .bigint()
  .positive()
  .lt(10n ** 10n);
const digits = (pattern: RegExp) => z.string().regex(pattern).nullable();
/** Of `payment_intents`. */
const PAYMENT = z
  .object({
    reference: reference.regex(/[A-Za-z]/),
    amount_minor: amount,
    refunded_minor: z.coerce.bigint().nonnegative(),
    currency: z.string().regex(/^[A-Z]{3}$/),
    product_name: z.string().max(200).regex(/\S/),
    return_url: z.url({ protocol: /^https?$/ }),
    card_first6: digits(/^\d{6}$/),
    card_last4: digits(/^\d{4}$/),
    sealed_card: z.string().nullable(),
    status: z.string(),
    metadata: z.record(z.string(), z.unknown()).refine((notes) => Object.keys(notes).length <= 20),
    version: z.number().min(1),
    trans_id: digits(/^\d{1,19}$/),
  })
  .refine((row) => row.refunded_minor <= row.amount_minor, { path: ['refunded_minor'] })
  .refine((row) => row.sealed_card === null || row.status === 'queued', { path: ['sealed_card'] })
  .refine((row) => (row.card_first6 === null) === (row.card_last4 === null), { path: ['card'] });
const TABLES = {
  payment_intents: PAYMENT,
  refunds: z.object({ reference, amount_minor: amount }),
  payment_events: z.object(),
  callbacks: z.object(),
};
type Table = keyof typeof TABLES;

/** The faults of a table's row, given as JSON with amounts as text. */
export function rowProblems(table: Table, row: unknown): string[] {
  const { error } = TABLES[table].safeParse(row);
  const names = new Set(error?.issues.map(({ path }) => path.join('.')));
  const unprintable = isText(row) ? [] : ['holds an unprintable text'];
  return [...unprintable, ...[...names].map((name) => `has a wrong ${name}`)];
}

/**
 * The answers of a run: ids of every 2xx, and references of requests without an answer.
 */
export interface Answered {
  readonly accepted: ReadonlySet<string>;
  readonly unanswered: ReadonlySet<string | undefined>;
}
type Row = { readonly id: string; readonly reference: string; readonly payment_id?: string };

/** Rows behind a refusal, and accepted objects without a row. */
export function promiseProblems(
  stored: readonly Pick<Row, 'id' | 'reference'>[],
  { accepted, unanswered }: Answered,
): string[] {
  const ids = new Set(stored.map(({ id }) => id));
  const stray = stored.filter((row) => !accepted.has(row.id) && !unanswered.has(row.reference));
  const lost = [...accepted].filter((id) => !ids.has(id));
  return [
    ...stray.map((row) => `${row.reference} is stored, but was not answered 2xx`),
    ...lost.map((id) => `${id} was answered 2xx, but is not stored`),
  ];
}

/** The faults of the rows of a run, and the number of rows. */
export async function storedProblems(databaseUrl: string, answered: Answered, secrets: Secrets) {
  return onDatabase(databaseUrl, async (client) => {
    const problems: string[] = [];
    const read = async (table: Table) => {
      const sql = `SELECT row_to_json(t)::text AS row FROM ${table} t`;
      const { rows } = await client.query<{ row: string }>(sql);
      return rows.map(({ row: text }) => {
        const row = JSON.parse(text.replaceAll(AMOUNTS, '"$1":"$2"')) as Row;
        const name = `${table} ${row.id ?? row.payment_id}`;
        problems.push(...rowProblems(table, row).map((what) => `${name} ${what}`));
        problems.push(...secrets.problemsIn(name, text));
        return row;
      });
    };
    const [payments, refunds] = [await read('payment_intents'), await read('refunds')];
    const [events, callbacks] = [await read('payment_events'), await read('callbacks')];
    problems.push(...promiseProblems([...payments, ...refunds], answered));
    const slice = { limit: payments.length + 1, stalledBefore: new Date(0) };
    const { violations } = await new StoredInvariants(client as unknown as pg.Pool).newest(slice);
    problems.push(...violations.map(({ kind, paymentId }) => `${paymentId}: ${kind}`));
    const tables = { payments, refunds, events, callbacks };
    const counts = Object.entries(tables).map(([name, { length }]) => [name, length] as const);
    return { problems: problems.slice(0, SHOWN), counts: Object.fromEntries(counts) };
  });
}

/** The payments and events, read page by page as a caller does, that do not fit their schema. */
export async function readBackProblems(
  apiUrl: string,
  key: string,
  contract: Contract,
): Promise<string[]> {
  const read = async (path: string, schema: string) => {
    for (let after = ''; ;) {
      const headers = { authorization: `Bearer ${key}` };
      const response = await fetch(`${apiUrl}/v1/${path}?limit=100${after}`, { headers });
      const page = (await response.json()) as { has_more: boolean; next: string };
      const fault = contract.faultOf(schema, page);
      if (fault !== undefined) return [`${path}: ${response.status}: ${fault}`];
      if (!page.has_more) return [];
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  };
  const payments = await read('payment-intents', 'PaymentIntentPage');
  return [...payments, ...(await read('events', 'EventPage'))];
}
