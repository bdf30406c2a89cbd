// The guarded version's payments: every statement on them, one row of each kind at a time. A change
// of a payment is one statement: status, event, message and whatever belongs to them commit
// together or not at all, and only if the payment still has the version that the decision was made
// for.
import { statement } from '../by-hand/process.js';
import type { PaymentRequest } from '../load/payment.js';
import { wakeRelay } from './relay.js';

type OptionalText =
  'sealed_card' | 'trans_id' | 'order_status' | 'gateway_response' | 'auth_url' | 'doubt_reason';

/** A row of `payments`. */
export type Row = Omit<PaymentRequest, 'card' | 'terminal'> &
  Readonly<Record<'id' | 'status' | 'card_last4', string>> &
  Readonly<Record<OptionalText, string | null>> &
  Readonly<Record<'version' | 'epoch', number>> &
  Readonly<Record<'created_at' | 'updated_at', Date>>;

/** The columns that a transition changes. */
export type Changes = Partial<Row> & Pick<Row, 'status'>;

/** The response to callers and the content of events: neither the card nor the customer. */
export function paymentIntent({ sealed_card: _card, customer: _customer, ...row }: Row) {
  return { object: 'payment_intent', ...row };
}

const snapshot = (row: Row) => JSON.stringify(paymentIntent(row));

const selectById = statement('SELECT * FROM payments WHERE id = $id');
const selectByReference = statement(`
  SELECT * FROM payments WHERE merchant_id = $merchant AND reference = $reference`);

/** Loads a payment, by its id or by its merchant and reference. */
export async function load(key: { id: string } | { merchant: string; reference: string }) {
  const { rows } = await ('id' in key ? selectById<Row>(key) : selectByReference<Row>(key));
  return rows[0];
}

/** A statement that writes a payment, its event and its message; `besides` commits with them. */
const transition = (write: string, besides = 'SELECT') =>
  statement(`
WITH moved AS (${write}
  RETURNING id, version, epoch, status, updated_at
), besides AS (${besides}
), event AS (
  INSERT INTO payment_events (payment_id, sequence, status, previous_status, cause, snapshot, created_at)
  SELECT id, version, status, $previous_status, $cause, $snapshot::json, updated_at FROM moved
), message AS (
  INSERT INTO outbox (payment_id, sequence) SELECT id, version FROM moved
)
SELECT id FROM moved`);

const insertPayment = transition(`
  INSERT INTO payments (id, merchant_id, reference, status, version, epoch, sealed_card, amount, currency, method, product_name,
    customer, return_url, card_last4, created_at, updated_at)
  VALUES ($id, $merchant, $reference, $status, $version, $epoch, $sealed_card, $amount, $currency, $method, $product_name,
    $customer, $return_url, $card_last4, $created_at, $updated_at)
  ON CONFLICT (merchant_id, reference) DO NOTHING`);

/** Stores a new payment; false if the merchant's reference is taken. */
export async function accept(row: Row, merchant: string): Promise<boolean> {
  const texts = { customer: JSON.stringify(row.customer), snapshot: snapshot(row) };
  const { rowCount } = await insertPayment({ ...row, ...texts, merchant, cause: 'request' });
  void wakeRelay();
  return rowCount === 1;
}

const UPDATE = `
  UPDATE payments SET status = $status, version = version + 1, epoch = $epoch, sealed_card = $sealed_card, trans_id = $trans_id,
    order_status = $order_status, gateway_response = $gateway_response, auth_url = $auth_url, doubt_reason = $doubt_reason,
    updated_at = $updated_at
  WHERE id = $id AND version = $version`;
const update = (besides: string) => transition(UPDATE, besides);

const CHANGES = {
  /** The card is erased in the commit that opens the attempt, so no process can send again. */
  fence: update(`
  INSERT INTO attempts (payment_id, number, opened_at, deadline_at)
  SELECT id, epoch, updated_at, $deadline_at::timestamptz FROM moved`),
  /** Closes the attempt in any case; the payment changes only if no callback was faster. */
  reply: update(`
  UPDATE attempts SET closed_at = $updated_at, outcome = $outcome, http_status = $http_status
  WHERE payment_id = $id AND number = $epoch AND closed_at IS NULL`),
  callback: update(`
  INSERT INTO callbacks (payment_id, content_sha256, fields, received_at)
  SELECT id, $content_sha256::bytea, $fields::json, updated_at FROM moved ON CONFLICT DO NOTHING`),
};

/**
 * Changes a payment. `besides` are the transition's parameters that are no columns of the payment.
 * @returns the payment afterwards, `undefined` if another change was faster: load and decide again
 */
export async function change(
  row: Row,
  changes: Changes,
  kind: keyof typeof CHANGES,
  besides: { readonly cause: string } & Readonly<Record<string, unknown>>,
): Promise<Row | undefined> {
  const next = { ...row, ...changes, version: row.version + 1, updated_at: new Date() };
  const before = { version: row.version, previous_status: row.status };
  const { rowCount } = await CHANGES[kind]({
    ...next,
    ...before,
    ...besides,
    snapshot: snapshot(next),
  });
  void wakeRelay();
  return rowCount === 1 ? next : undefined;
}

/** Stores the outcome of an attempt. */
export function closeAttempt(row: Row, changes: Changes, cause: string, http_status?: number) {
  const outcome = changes.status === 'queued' ? 'not_sent' : changes.status;
  return change(row, changes, 'reply', { cause, http_status, outcome });
}

const selectOverdue = statement(`
  SELECT p.* FROM attempts a JOIN payments p ON p.id = a.payment_id
  WHERE a.closed_at IS NULL AND a.deadline_at < $now AND p.status = 'submitting' AND a.number = p.epoch`);

/**
 * Puts payments in doubt whose worker died between its fence and its reply: no process knows
 * whether it sent the request.
 */
export async function sweepAttempts(): Promise<void> {
  const { rows } = await selectOverdue<Row>({ now: new Date() });
  const changes = { status: 'in_doubt', doubt_reason: 'no_reply' };
  for (const row of rows) await closeAttempt(row, changes, 'sweeper');
}
