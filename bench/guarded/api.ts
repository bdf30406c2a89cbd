// The guarded intake: check the request, encrypt the card, store payment, event and message in one
// statement, 202 after the commit.
import { randomUUID } from 'node:crypto';
import { parseKeySet } from '@quittance/vault';
import { app, listen, onPayment } from '../by-hand/http.js';
import { settings } from '../by-hand/process.js';
import type { PaymentRequest } from '../load/payment.js';
import { encryptCard } from './card.js';
import { accept, load, paymentIntent, type Row } from './payments.js';

/** The owner of the one API key. */
const MERCHANT = 'merchant-1';
/** Postgres: a row violates a CHECK. */
const CHECK_VIOLATION = '23514';
const NEW = { status: 'queued', version: 1, epoch: 0, doubt_reason: null };
const UNKNOWN = { trans_id: null, order_status: null, gateway_response: null, auth_url: null };

const keys = parseKeySet(settings.keySet ?? '');

async function newRow({ card, ...request }: PaymentRequest): Promise<Row> {
  const [id, created_at] = [randomUUID(), new Date()];
  const sealed_card = await encryptCard(card, { paymentId: id, keys });
  const own = { id, sealed_card, card_last4: card.number.slice(-4) };
  return { ...request, ...NEW, ...UNKNOWN, ...own, created_at, updated_at: created_at };
}

onPayment(async (request, reply) => {
  const row = await newRow(request);
  if (await accept(row, MERCHANT)) return reply.code(202).send(paymentIntent(row));
  const known = await load({ merchant: MERCHANT, reference: row.reference });
  return reply.code(200).send(known && paymentIntent(known));
});

app.setErrorHandler((error: { code?: string; statusCode?: number }, _, reply) => {
  const status = error.code === CHECK_VIOLATION ? 422 : (error.statusCode ?? 500);
  // Not the error itself: Postgres quotes rows, and a row is a customer's payment.
  return reply.code(status).send({ status });
});

await listen();
