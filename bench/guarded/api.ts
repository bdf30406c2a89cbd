// The guarded intake: check the request, seal the card, payment and event and message in one
// statement, 202 after the commit.
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { body } from '../by-hand/request-body.js';
import { announceReady, openDatabase, settings } from '../by-hand/settings.js';
import type { PaymentRequest } from '../load/payment-request.js';
import { seal } from './keys.js';
import { paymentIntent, snapshot, type Row } from './payment.js';
import { Relay } from './relay.js';
import { ACCEPT, LOAD_BY_REFERENCE } from './statements.js';

/** The one whose API key it is. */
const MERCHANT = 'merchant-1';
/** Postgres: a CHECK was not met. */
const CHECK_VIOLATION = '23514';

const database = openDatabase();
const relay = new Relay(database);
const app = Fastify();

function newRow({ card, ...request }: PaymentRequest): Row {
  const at = new Date();
  return {
    ...request,
    id: randomUUID(),
    status: 'queued',
    version: 1,
    card_last4: card.number.slice(-4),
    trans_id: null,
    doubt_reason: null,
    created_at: at,
    updated_at: at,
  };
}

/** Whether it was new. */
async function accept(row: Row, sealedCard: string): Promise<boolean> {
  const { rowCount } = await database.query({
    ...ACCEPT,
    values: [
      row.id,
      MERCHANT,
      row.reference,
      sealedCard,
      row.amount,
      row.currency,
      row.method,
      row.product_name,
      JSON.stringify(row.customer),
      row.return_url,
      row.card_last4,
      row.created_at,
      snapshot(row),
    ],
  });
  return rowCount === 1;
}

app.post<{ Body: PaymentRequest }>(
  '/v1/payment-intents',
  { schema: { body } },
  async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${settings.apiKey}`)
      return reply.code(401).send();
    const row = newRow(request.body);
    const sealedCard = await seal(request.body.card, row.id);
    if (await accept(row, sealedCard)) {
      relay.poke();
      return reply.code(202).send(paymentIntent(row));
    }
    const values = [MERCHANT, row.reference];
    const { rows } = await database.query<Row>({ ...LOAD_BY_REFERENCE, values });
    return reply.code(200).send(rows[0] && paymentIntent(rows[0]));
  },
);

app.setErrorHandler((error: { code?: string; statusCode?: number }, _, reply) => {
  const code = error.code === CHECK_VIOLATION ? 422 : (error.statusCode ?? 500);
  // Not the error itself: Postgres quotes rows, and a row is a customer's payment.
  return reply.code(code).send({ status: code });
});

app.get('/readyz', async () => ({ ready: true }));

await relay.start();
await app.listen({ port: settings.port, host: '127.0.0.1' });
announceReady();
