// Looks at everything a run has left in Postgres, and reads it all back through the api.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onDatabase } from '@quittance/databases';
import { root } from '../../../tools/place.mjs';
import { paymentProblems, promiseProblems, refundProblems, textProblems } from './rows.mjs';

const PERSISTENCE = pathToFileURL(
  join(root, 'dist', 'libs', 'persistence', 'src', 'index.js'),
).href;
const SHOWN = 20;
/** A number beyond 2^53 would be rounded on the way. */
const AMOUNTS = ['amount_minor', 'refunded_minor'];

async function rowsOf(client, table) {
  const { rows } = await client.query(`SELECT row_to_json(t)::text AS row FROM ${table} t`);
  const numbers = new RegExp(`"(${AMOUNTS.join('|')})":(-?\\d+)`, 'g');
  return rows.map(({ row }) => JSON.parse(row.replaceAll(numbers, '"$1":"$2"')));
}

async function judged(client, table, judge, secrets) {
  const rows = await rowsOf(client, table);
  const nameOf = (row) => row.id ?? row.payment_id;
  return {
    rows,
    problems: rows.flatMap((row) => [
      ...judge(row).map((what) => `${table} ${nameOf(row)} ${what}`),
      ...secrets.problemsIn(`${table} ${nameOf(row)}`, JSON.stringify(row)),
    ]),
  };
}

/**
 * @param {string} databaseUrl
 * @param {{ told: Set<string>, unanswered: Set<string>, secrets: import('./secrets.mjs').Secrets }} answers
 * @returns {Promise<{ problems: string[], counts: Record<string, number> }>}
 */
export async function storedProblems(databaseUrl, { secrets, ...answers }) {
  return onDatabase(databaseUrl, async (client) => {
    const payments = await judged(client, 'payment_intents', paymentProblems, secrets);
    const refunds = await judged(client, 'refunds', refundProblems, secrets);
    const events = await judged(client, 'payment_events', textProblems, secrets);
    const callbacks = await judged(client, 'callbacks', textProblems, secrets);
    const { StoredInvariants } = await import(PERSISTENCE);
    const slice = { limit: payments.rows.length + 1, stalledBefore: new Date(0) };
    const { violations } = await new StoredInvariants(client).newest(slice);
    return {
      problems: [
        ...[payments, refunds, events, callbacks].flatMap(({ problems }) => problems),
        ...promiseProblems([...payments.rows, ...refunds.rows], answers),
        ...violations.map(({ kind, paymentId }) => `${paymentId}: ${kind}`),
      ].slice(0, SHOWN),
      counts: {
        payments: payments.rows.length,
        refunds: refunds.rows.length,
        events: events.rows.length,
        callbacks: callbacks.rows.length,
      },
    };
  });
}

/** Reads every page of a list and says what in it does not fit its schema. */
async function pageProblems({ url, key, contract, schema }) {
  const problems = [];
  let [next, read] = [undefined, 0];
  do {
    const after = next === undefined ? '' : `&after=${encodeURIComponent(next)}`;
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${url}?limit=100${after}`, { headers });
    const page = await response.json();
    const fault = contract.faultOf(schema, page);
    if (fault !== undefined) return { problems: [`${url}: ${response.status}: ${fault}`], read };
    read += page.data.length;
    next = page.has_more ? page.next : undefined;
  } while (next !== undefined);
  return { problems, read };
}

/**
 * Every payment and every event, as a caller reads them.
 * @returns {Promise<{ problems: string[], read: number }>} `read`: payments
 */
export async function readBackProblems({ apiUrl, key, contract }) {
  const parts = { key, contract };
  const payments = await pageProblems({
    ...parts,
    url: `${apiUrl}/v1/payment-intents`,
    schema: 'PaymentIntentPage',
  });
  const events = await pageProblems({ ...parts, url: `${apiUrl}/v1/events`, schema: 'EventPage' });
  return { problems: [...payments.problems, ...events.problems], read: payments.read };
}
