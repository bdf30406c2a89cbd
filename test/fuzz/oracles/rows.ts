// Judges everything that a run leaves in Postgres, by rules that are written for this purpose and
// not taken from the code that stores, and reads all of it back as a merchant does.
import { Quittance } from '@quittance/client';
import { onDatabase } from '@quittance/databases';
import { StoredInvariants } from '@quittance/persistence';
import type pg from 'pg';
import { z } from 'zod';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { Contract } from '../requests/contract.js';
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
    webhook_url: z.url({ protocol: /^https?$/ }).nullable(),
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

/** The name of a payment by a reply in the gateway's form, which has no id of ours. */
export const inGatewayForm = (reference = ''): string => `in the gateway's form: ${reference}`;

/** The answers of a run: every 2xx, and references of requests that may have stored something. */
export interface Answered {
  readonly accepted: Set<string>;
  readonly unanswered: Set<string | undefined>;
}
type Row = Readonly<Record<'id' | 'payment_id' | 'reference', string | undefined>>;

/** Names that are stored behind a refusal, and accepted ones that are not stored. */
export function promiseProblems(
  stored: readonly string[],
  accepted: ReadonlySet<string>,
): string[] {
  const names = new Set(stored);
  const stray = stored.filter((name) => !accepted.has(name));
  const lost = [...accepted].filter((name) => !names.has(name));
  return [
    ...stray.map((name) => `${name} is stored, but was not accepted`),
    ...lost.map((name) => `${name} was accepted, but is not stored`),
  ].slice(0, SHOWN);
}

/** The faults of the rows of a run, and the number of rows by table. */
export async function storedProblems(stack: ChaosStack, answered: Answered, secrets: Secrets) {
  const { accepted, unanswered } = answered;
  const problems: string[] = [];
  const counts: Record<string, number> = {};
  const promised: string[] = [];
  for (const table of Object.keys(TABLES) as Table[]) {
    const sql = `SELECT row_to_json(t)::text AS text FROM ${table} t`;
    const rows = await stack.query<{ text: string }>(sql);
    counts[`rows of ${table}`] = rows.length;
    for (const { text } of rows) {
      const row = JSON.parse(text) as Row;
      const { id = row.payment_id, reference } = row;
      const hasReply = table === 'payment_intents' && accepted.has(inGatewayForm(reference));
      if (hasReply) promised.push(inGatewayForm(reference));
      const isPromised = accepted.has(`${id}`) || !(hasReply || unanswered.has(reference));
      if (reference !== undefined && isPromised) promised.push(`${id}`);
      const name = `${table} ${id}`;
      problems.push(...rowProblems(table, row).map((what) => `${name} ${what}`));
      problems.push(...secrets.problemsIn(name, text));
    }
  }
  problems.push(...promiseProblems(promised, accepted));
  const { violations } = await onDatabase(stack.setup.databaseUrl, (client) => {
    const slice = { limit: promised.length + 1, stalledBefore: new Date(0) };
    return new StoredInvariants(client as unknown as pg.Pool).newest(slice);
  });
  problems.push(...violations.map(({ kind, paymentId }) => `${paymentId}: ${kind}`));
  return { problems: problems.slice(0, SHOWN), counts };
}

/** The payments and events that do not fit their schema when their merchant reads them. */
export async function readBackProblems({ urls, apiKey }: ChaosStack): Promise<string[]> {
  const contract = await Contract.read(urls.api);
  const merchant = new Quittance({ baseUrl: urls.api, apiKey });
  const lists = { PaymentIntent: merchant.payments.list(), Event: merchant.events.list() };
  const problems: string[] = [];
  for (const [schema, list] of Object.entries(lists))
    for await (const item of list) {
      const fault = contract.faultOf(schema, item);
      if (fault !== undefined) problems.push(`${schema} ${item.id}: ${fault}`);
    }
  return problems.slice(0, SHOWN);
}
