// Shared by the HTTP processes of every contestant written by hand.
import Fastify, { type FastifyError } from 'fastify';
import type { PaymentRequest } from '../load/payment.js';
import { report, settings } from './process.js';

const text = { type: 'string', minLength: 1, maxLength: 200 };
const amount = { type: 'string', pattern: '^(?=.*[1-9])\\d{1,9}(\\.\\d{1,2})?$' };
const currency = { type: 'string', pattern: '^[A-Z]{3}$' };
const card = { number: text, cvv: text, exp_month: text, exp_year: text };
const order = { reference: text, amount, currency, method: text, product_name: text };
const HOST = '127.0.0.1';

const objectOf = (members: Readonly<Record<string, object>>) => ({
  type: 'object',
  required: Object.keys(members),
  properties: members,
});

/** The check of a create request with a card (`docs/api.md`). */
const body = objectOf({ ...order, return_url: text, card: objectOf(card), customer: objectOf({}) });

const app = Fastify();

// The response has no text of the error: Postgres quotes rows, and a row is a customer's payment.
app.setErrorHandler((error: FastifyError, _, reply) => {
  report(error);
  return reply.code(error.statusCode ?? 500).send();
});

/** Serves create requests that have the API key and pass the check, with a status and a body. */
export async function servePayments(
  accept: (payment: PaymentRequest) => Promise<[status: number, body: object | undefined]>,
): Promise<void> {
  type Route = { Body: PaymentRequest };
  app.post<Route>('/v1/payment-intents', { schema: { body } }, async (request, reply) => {
    const isKnown = request.headers.authorization === `Bearer ${settings.apiKey}`;
    const [status, response] = isKnown ? await accept(request.body) : [401, undefined];
    return reply.code(status).send(response);
  });
  await app.listen({ port: settings.apiPort, host: HOST });
}

/** Serves callbacks. `store` returns false for one that is about no payment of that address. */
export async function serveCallbacks(
  store: (address: string, body: string) => Promise<boolean>,
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_: unknown, raw: string) => raw);
  type Route = { Params: { address: string }; Body: string };
  app.post<Route>('/callbacks/:address', async (request, reply) => {
    const isStored = await store(request.params.address, request.body);
    return reply.code(isStored ? 200 : 404).send();
  });
  await app.listen({ port: settings.webhookPort, host: HOST });
}

/** The address of the callbacks of a payment. */
export const callbackUrl = (address: string): string =>
  `http://${HOST}:${settings.webhookPort}/callbacks/${address}`;
