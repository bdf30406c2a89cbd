// The guarded version: the same guarantees as Quittance's, written by hand in a plain way, one row
// and one statement at a time. Wire and encryption are Quittance's own code, so that the figures
// show what the rest costs.
import { createHash, randomUUID } from 'node:crypto';
import { decodeCallback } from '@quittance/gateway-protocol';
import * as vault from '@quittance/vault';
import { callbackUrl, serveCallbacks, servePayments } from '../by-hand/http.js';
import { consume, play, report, send, settings, statement } from '../by-hand/process.js';
import { createCall, type CreateCall, type PaymentRequest } from '../load/payment.js';
import { isAbout, onCallback, onFailure, onReply } from './interpretation.js';
import * as payments from './payments.js';
import { startRelay } from './relay.js';

/** The owner of the one API key. */
const MERCHANT = 'merchant-1';
const UNKNOWN = { trans_id: null, order_status: null, gateway_response: null, auth_url: null };
const NEW = { ...UNKNOWN, status: 'queued', version: 1, epoch: 0, doubt_reason: null };
/** Much later than any reply: by then no process waits for one. */
const DEADLINE_MS = 60_000;
const SWEEP_EVERY_MS = 10_000;
/** A payment changes a handful of times in its life. */
const TRIES_MAX = 10;

const keys = vault.parseKeySet(JSON.stringify(settings.keySets[settings.role] ?? {}));

/** Encrypts the card of a create request, and makes the row of its payment. */
async function newRow({ card, ...request }: PaymentRequest): Promise<payments.Row> {
  const [id, created_at] = [randomUUID(), new Date()];
  const { exp_month: expMonth, exp_year: expYear } = card;
  const [number, cvv] = [new vault.CardSecret(card.number), new vault.CardSecret(card.cvv)];
  const sealed_card = await vault.sealCard(
    { number, cvv, expMonth, expYear },
    { paymentId: id, keys },
  );
  const own = { id, sealed_card, card_last4: card.number.slice(-4) };
  return { ...request, ...NEW, ...own, created_at, updated_at: created_at };
}

/** Decrypts the card, and builds the create call. Both must not outlive the attempt. */
async function buildCall(row: payments.Row): Promise<CreateCall> {
  const opened = await vault.openCard(row.sealed_card ?? '', { paymentId: row.id, keys });
  const [number, cvv] = [opened.number.cardInClear(), opened.cvv.cardInClear()];
  const card = { number, cvv, exp_month: opened.expMonth, exp_year: opened.expYear };
  const address = `${row.id}.${vault.callbackToken(row.id, keys).token}`;
  return createCall({ ...row, card }, settings.terminal, callbackUrl(address));
}

/** Opens an attempt, sends the request and stores the outcome, unless another worker has it. */
async function submit({ id }: { readonly id: string }): Promise<void> {
  const row = await payments.load({ id });
  if (row?.status !== 'queued') return;
  // Before the fence: a request that cannot be built must not leave an attempt open.
  const call = await buildCall(row);
  const fence = { status: 'submitting', epoch: row.epoch + 1, sealed_card: null };
  const deadline_at = new Date(Date.now() + DEADLINE_MS);
  const fenced = await payments.change(row, fence, 'fence', { cause: 'request', deadline_at });
  if (fenced === undefined) return;
  const [changes, httpStatus] = await send(call).then(
    (reply) => [onReply(fenced, reply), reply.httpStatus] as const,
    (error) => [onFailure(error, row.sealed_card)] as const,
  );
  await payments.closeAttempt(fenced, changes, 'reply', httpStatus);
}

/** Stores a callback with its effect; false if it is not about the payment of its address. */
async function storeCallback(address: string, body: string): Promise<boolean> {
  const [id = '', token = ''] = address.split('.', 2);
  if (address !== `${id}.${token}` || !vault.verifyCallbackToken(id, token, keys)) return false;
  const callback = decodeCallback(undefined, body, settings.terminal);
  if (callback.kind !== 'callback' || !callback.encrypted) return false;
  const { transaction, fields } = callback;
  const content_sha256 = createHash('sha256').update(body).digest();
  const besides = { cause: 'callback', content_sha256, fields: JSON.stringify(fields) };
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const row = await payments.load({ id });
    if (row === undefined || !isAbout(row, transaction)) return false;
    const changes = onCallback(row.status, transaction);
    if (changes === undefined || (await payments.change(row, changes, 'callback', besides)))
      return true;
  }
  throw new Error('other changes of the payment were always faster');
}

/** Each event once, and never an older one over a newer one. */
const storeEvent = statement(`
WITH fresh AS (
  INSERT INTO event_inbox (subject, sequence, received_at) VALUES ($id, $sequence, $received_at) ON CONFLICT DO NOTHING
  RETURNING subject, sequence, received_at
)
INSERT INTO orders AS o (payment_id, reference, status, sequence, received_at)
SELECT subject, $reference, $status, sequence, received_at FROM fresh
ON CONFLICT (payment_id) DO UPDATE SET status = EXCLUDED.status, sequence = EXCLUDED.sequence, received_at = EXCLUDED.received_at
WHERE o.sequence < EXCLUDED.sequence`);

/** Its `id`, `sequence` and `status` are parameters too. */
type Event = { readonly payment_intent: { readonly reference: string } };

await play({
  async api() {
    startRelay();
    await servePayments(async (request) => {
      const row = await newRow(request);
      if (await payments.accept(row, MERCHANT)) return [202, payments.paymentIntent(row)];
      const known = await payments.load({ merchant: MERCHANT, reference: row.reference });
      return [200, known && payments.paymentIntent(known)];
    });
  },

  async worker() {
    startRelay();
    setInterval(() => void payments.sweepAttempts().catch(report), SWEEP_EVERY_MS);
    await consume('payments', submit);
  },

  async webhook() {
    startRelay();
    await serveCallbacks(storeCallback);
  },

  async orders() {
    await consume('events', async (event: Event) => {
      const { reference } = event.payment_intent;
      await storeEvent({ ...event, reference, received_at: new Date() });
    });
  },
});
