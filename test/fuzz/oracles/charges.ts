// Judges by the gateway's own journal and the order domain's table: everything accepted is
// processed, and charged at most once.
import { readFileSync } from 'node:fs';
import { onDatabase } from '@quittance/databases';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { until } from '../../chaos/waiting.js';

const SHOWN = 10;
const DONE_WITHIN_MS = 120_000;
/** Money has moved when our record says one of these, and must not have moved for the others. */
const PAID = ['succeeded', 'refund_pending', 'partially_refunded', 'refunded'];
const UNPAID = ['queued', 'declined', 'blocked', 'failed', 'expired', 'cancelled'];

/** The gateway's side of one reference; `sent` counts the requests that could charge. */
export type Book = { sent: number; charges: number; refundRequests: number };
const NO_BOOK: Book = { sent: 0, charges: 0, refundRequests: 0 };
export type Books = ReadonlyMap<string, Book>;
/** A line of the journal. */
interface Fact {
  reference?: string;
  request?: { couldCharge: boolean };
  transaction?: { transId: string; reference: string; charged: boolean; refundRequests?: number };
}

/** Reads a journal of lines of JSON; a later line about a transaction replaces an earlier one. */
export function readJournal(text: string): Books {
  const facts = text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as Fact)));
  const books = new Map<string, Book>();
  const bookOf = (reference = '') => {
    const book = books.get(reference) ?? { ...NO_BOOK };
    books.set(reference, book);
    return book;
  };
  for (const { reference, request } of facts) if (request?.couldCharge) bookOf(reference).sent += 1;
  const rows = new Map(facts.map(({ transaction }) => [transaction?.transId, transaction]));
  for (const row of rows.values()) {
    if (row === undefined) continue;
    const book = bookOf(row.reference);
    book.charges += row.charged ? 1 : 0;
    book.refundRequests += row.refundRequests ?? 0;
  }
  return books;
}

/**
 * A payment as stored; `refunds` counts all its refunds, `waiting` those not yet sent. The terminal
 * of a paused one sends nothing. `isOwed` is true until a webhook that exists has it.
 */
type StoredPayment = Readonly<
  Record<'id' | 'reference' | 'status', string> & Record<'version' | 'refunds' | 'waiting', number>
> & { readonly isPaused: boolean; readonly isOwed: boolean };

/** A sentence about a payment for each rule that does not hold. */
const broken = (reference: string, rules: readonly (readonly [holds: boolean, what: string])[]) =>
  rules.filter(([holds]) => !holds).map(([, what]) => `${reference} ${what}`);

/** The contradictions between our rows and the gateway's books. */
export function chargeProblems(payments: readonly StoredPayment[], books: Books): string[] {
  const known = new Set(payments.map(({ reference }) => reference));
  const strange = [...books.keys()].filter((reference) => !known.has(reference));
  const wrong = payments.flatMap(({ reference, status, refunds }) => {
    const { sent, charges, refundRequests } = books.get(reference) ?? NO_BOOK;
    return broken(reference, [
      [charges <= 1, `was charged ${charges} times`],
      [sent <= 1, `was sent ${sent} times`],
      [refundRequests <= refunds, `has ${refunds} refunds, but ${refundRequests} were sent`],
      [charges > 0 || !PAID.includes(status), `is ${status}, but was not charged`],
      [charges === 0 || !UNPAID.includes(status), `is ${status}, but was charged`],
    ]);
  });
  return [...strange.map((reference) => `${reference} reached the gateway unstored`), ...wrong];
}

/**
 * Accepted payments that are not processed, and events that the order domain (`received`) missed.
 */
export function lostProblems(
  payments: readonly StoredPayment[],
  received: ReadonlyMap<string, number>,
): string[] {
  return payments.flatMap(({ id, reference, status, version, isPaused, isOwed, waiting }) => {
    const isStuck = status === 'submitting' || (status === 'queued' && !isPaused);
    const events = received.get(id) ?? 0;
    return broken(reference, [
      [!isStuck, `is still ${status}`],
      [!isOwed, 'has a callback that was not forwarded'],
      [waiting === 0, `has ${waiting} refunds that were not sent`],
      [events === version, `has ${version} events, but ${events} arrived`],
    ]);
  });
}

const PAYMENTS = `SELECT p.id, p.reference, p.status::text, p.version, t.name = $1 AS "isPaused",
    p.webhook_url LIKE '%/return' AND p.forward_at NOTNULL AS "isOwed", count(r.id)::int AS refunds,
    count(r.id) FILTER (WHERE r.status IN ('queued', 'submitting'))::int AS waiting
  FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id
  LEFT JOIN refunds r ON r.payment_id = p.id GROUP BY p.id, t.name`;
const RECEIVED = 'SELECT payment_intent_id AS id, sequence FROM orders';

/** Waits until everything accepted is processed; then the problems and how many were charged. */
export async function settledProblems(stack: ChaosStack, pausedTerminal: string) {
  let payments: StoredPayment[] = [];
  let lost: string[] = [];
  const isDone = async () => {
    payments = await stack.query<StoredPayment>(PAYMENTS, [pausedTerminal]);
    const { rows } = await onDatabase(stack.setup.ordersDatabaseUrl, (client) =>
      client.query<{ id: string; sequence: number }>(RECEIVED),
    );
    lost = lostProblems(payments, new Map(rows.map(({ id, sequence }) => [id, sequence])));
    return lost.length === 0;
  };
  const limit = { what: 'all that was accepted', limitMs: DONE_WITHIN_MS, everyMs: 500 };
  // `lost` names what is left at the limit.
  await until(isDone, limit).catch(() => undefined);
  const books = readJournal(readFileSync(stack.setup.ledgerFile ?? '', 'utf8'));
  const charged = [...books.values()].filter(({ charges }) => charges > 0).length;
  const charges = chargeProblems(payments, books).slice(0, SHOWN);
  return { lost: lost.slice(0, SHOWN), charges, charged };
}
