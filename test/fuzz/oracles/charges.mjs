// Whether what was accepted was worked on, and charged at most once: by the gateway's own journal and the order domain's table.
import { readFileSync } from 'node:fs';
import { onDatabase } from '@quittance/databases';
import { until } from '../../chaos/waiting.ts';

const SHOWN = 10;
const DONE_WITHIN_MS = 120_000;
const EVERY_MS = 500;
/** Money has moved when our record says one of these, and must not have moved when it says one of the others. */
const PAID = ['succeeded', 'refund_pending', 'partially_refunded', 'refunded'];
const UNPAID = ['queued', 'declined', 'blocked', 'failed', 'expired', 'cancelled'];

/**
 * The gateway's journal, by reference.
 * @param {string} text newline-delimited JSON as the sandbox keeps it; a later line about a row replaces an earlier one
 * @returns {Map<string, { sent: number, charges: number, refundRequests: number }>} `sent`: requests that could charge
 */
export function readJournal(text) {
  const rows = new Map();
  const books = new Map();
  const bookOf = (reference) => {
    if (!books.has(reference)) books.set(reference, { sent: 0, charges: 0, refundRequests: 0 });
    return books.get(reference);
  };
  for (const line of text.split('\n')) {
    const fact = line === '' ? {} : JSON.parse(line);
    if (fact.kind === 'request' && fact.request.couldCharge) bookOf(fact.reference).sent += 1;
    if (fact.kind === 'transaction') rows.set(fact.transaction.transId, fact.transaction);
  }
  for (const { reference, charged, refundRequests = 0 } of rows.values()) {
    const book = bookOf(reference);
    if (charged) book.charges += 1;
    book.refundRequests += refundRequests;
  }
  return books;
}

/**
 * What is wrong between what is stored and what the gateway did.
 * @param {{ reference: string, status: string, refunds: number }[]} payments `refunds`: how many were asked for
 * @param {ReturnType<typeof readJournal>} books
 * @returns {string[]}
 */
export function chargeProblems(payments, books) {
  const known = new Set(payments.map(({ reference }) => reference));
  const strange = [...books.keys()].filter((reference) => !known.has(reference));
  return [
    ...strange.map((reference) => `${reference} reached the gateway, but is not stored`),
    ...payments.flatMap(({ reference, status, refunds }) => {
      const { sent = 0, charges = 0, refundRequests = 0 } = books.get(reference) ?? {};
      const wrong = {
        [`was charged ${charges} times`]: charges > 1,
        [`was sent ${sent} times`]: sent > 1,
        [`has ${refunds} refunds, but ${refundRequests} were sent`]: refundRequests > refunds,
        [`is ${status}, but was not charged`]: PAID.includes(status) && charges === 0,
        [`is ${status}, but was charged`]: UNPAID.includes(status) && charges > 0,
      };
      return Object.keys(wrong)
        .filter((what) => wrong[what])
        .map((what) => `${reference} ${what}`);
    }),
  ];
}

/**
 * Payments that were accepted and lie about, and moves that the order domain has not heard of.
 * @param {{ id: string, reference: string, status: string, version: number, isPaused: boolean, waiting: number }[]} payments
 *   `waiting`: refunds not yet sent; `isPaused`: of a terminal that sends nothing
 * @param {Map<string, number>} heard the newest event of each payment that the order domain has
 * @returns {string[]}
 */
export function lostProblems(payments, heard) {
  return payments.flatMap(({ id, reference, status, version, isPaused, waiting }) => {
    const isQueued = status === 'queued' && !isPaused;
    const events = heard.get(id) ?? 0;
    return [
      ...(isQueued || status === 'submitting' ? [`${reference} is still ${status}`] : []),
      ...(waiting > 0 ? [`${reference} has ${waiting} refunds that were not sent`] : []),
      ...(events === version ? [] : [`${reference}: ${events} of ${version} moves were told`]),
    ];
  });
}

async function paymentsOf(client, pausedTerminal) {
  const { rows } = await client.query(
    `SELECT p.id, p.reference, p.status::text, p.version, t.name = $1 AS "isPaused",
       (SELECT count(*)::int FROM refunds r WHERE r.payment_id = p.id) AS refunds,
       (SELECT count(*)::int FROM refunds r WHERE r.payment_id = p.id AND r.status IN ('queued', 'submitting')) AS waiting
     FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id`,
    [pausedTerminal],
  );
  return rows;
}

async function heardBy(url) {
  const { rows } = await onDatabase(url, (client) =>
    client.query('SELECT payment_intent_id AS id, sequence FROM orders'),
  );
  return new Map(rows.map(({ id, sequence }) => [id, sequence]));
}

/**
 * Waits until everything accepted was worked on, and says what is wrong then.
 * @param {{ setup: { databaseUrl: string, ordersDatabaseUrl: string, ledgerFile: string }, pausedTerminal: string }} parts
 * @returns {Promise<{ lost: string[], charges: string[], charged: number }>} `charged`: payments that were
 */
export async function settledProblems({ setup, pausedTerminal }) {
  let [payments, lost] = [[], []];
  const look = async () => {
    payments = await onDatabase(setup.databaseUrl, (client) => paymentsOf(client, pausedTerminal));
    lost = lostProblems(payments, await heardBy(setup.ordersDatabaseUrl));
    return lost.length === 0;
  };
  const limit = { what: 'all that was accepted', limitMs: DONE_WITHIN_MS, everyMs: EVERY_MS };
  // What is left at the limit is told by `lost`.
  await until(look, limit).catch(() => {});
  const books = readJournal(readFileSync(setup.ledgerFile, 'utf8'));
  return {
    lost: lost.slice(0, SHOWN),
    charges: chargeProblems(payments, books).slice(0, SHOWN),
    charged: [...books.values()].filter(({ charges }) => charges > 0).length,
  };
}
