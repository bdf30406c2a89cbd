// Judges everything that a run leaves in Postgres, by rules that are written for this purpose and
// not taken from the code that stores, and reads all of it back as a merchant does.
import { Quittance } from '@quittance/client';
import { onDatabase } from '@quittance/databases';
import { StoredInvariants } from '@quittance/persistence';
import type pg from 'pg';
import { z } from 'zod';
import type { Contract } from '../requests/contract.js';
import type { Secrets } from './secrets.js';

const SHOWN = 20;
const NOT_TEXT = /[\p{Cc}\p{Cs}]/u;

/** Control characters, NUL and halves of surrogate pairs, in members and their names. */
function isText(value: unknown): boolean {
  if (typeof value === 'string') return !NOT_TEXT.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every((pair) => pair.every(isText));
}

/** The rules that the database's constraints do not check. */
const PAYMENT = z
  .object({
    amount_minor: z.number().lt(10 ** 10),
    product_name: z.string().max(200).regex(/\S/),
    return_url: z.url({ protocol: /^https?$/ }),
    metadata: z.record(z.string(), z.unknown()).refine((notes) => Object.keys(notes).length <= 20),
    card_first6: z.string().nullable(),
    card_last4: z.string().nullable(),
  })
  .refine((row) => (row.card_first6 === null) === (row.card_last4 === null), { path: ['card'] });
const TABLES = {
  payment_intents: PAYMENT,
  refunds: z.object({ amount_minor: z.number().lt(10 ** 10) }),
  payment_events: z.object(),
  callbacks: z.object(),
};
type Table = keyof typeof TABLES;

/** The faults of a table's row, given as JSON. */
export function rowProblems(table: Table, row: unknown): string[] {
  const { error } = TABLES[table].safeParse(row);
  const names = new Set(error?.issues.map(({ path }) => path.join('.')));
  const unprintable = isText(row) ? [] : ['holds an unprintable text'];
  return [...unprintable, ...[...names].map((name) => `has a wrong ${name}`)];
}

/** The answers of a run: ids of every 2xx, and references of requests without an answer. */
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
      const sql = `SELECT row_to_json(t)::text AS text FROM ${table} t`;
      const { rows } = await client.query<{ text: string }>(sql);
      return rows.map(({ text }) => {
        const row = JSON.parse(text) as Row;
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

/** The payments and events that do not fit their schema when a merchant reads them all. */
export async function readBackProblems(baseUrl: string, apiKey: string, contract: Contract) {
  const merchant = new Quittance({ baseUrl, apiKey });
  const lists = {
    PaymentIntent: merchant.payments.list({ limit: 100 }),
    Event: merchant.events.list({ limit: 100 }),
  };
  const problems: string[] = [];
  for (const [schema, list] of Object.entries(lists))
    for await (const item of list) {
      const fault = contract.faultOf(schema, item);
      if (fault !== undefined) problems.push(`${schema} ${item.id}: ${fault}`);
    }
  return problems.slice(0, SHOWN);
}
