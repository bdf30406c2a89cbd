// Shared by the HTTP processes of every contestant written by hand.
import Fastify, { type FastifyReply } from 'fastify';
import type { PaymentRequest } from '../load/payment.js';
import { announceReady, settings } from './process.js';

const text = { type: 'string', minLength: 1, maxLength: 200 };
const amount = { type: 'string', pattern: '^\\d{1,9}(\\.\\d{1,2})?$' };
const card = { number: text, cvv: text, exp_month: text, exp_year: text };
const order = { reference: text, amount, currency: text, method: text, product_name: text };

/** A schema for Fastify of an object with these members. */
export const objectOf = (required: Readonly<Record<string, object>>, optional = {}) => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});

/** The check of a create request with a card (`docs/api.md`). */
const body = objectOf(
  { ...order, return_url: text, card: objectOf(card) },
  { customer: { type: 'object' } },
);

export const app = Fastify();

app.get('/readyz', async () => ({ ready: true }));

/** Serves create requests that have the API key and pass the check. */
export function onPayment(
  accept: (payment: PaymentRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  const options = { schema: { body } };
  app.post<{ Body: PaymentRequest }>('/v1/payment-intents', options, async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${settings.apiKey}`)
      return reply.code(401).send();
    return accept(request.body, reply);
  });
}

/** Listens, and reports it to the bench. */
export async function listen(): Promise<void> {
  await app.listen({ port: settings.port, host: '127.0.0.1' });
  announceReady();
}
