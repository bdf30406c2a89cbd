// The plain intake: check the request, one insert, one job, 202.
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import Fastify from 'fastify';
import { body } from '../by-hand/request-body.js';
import type { PaymentRequest } from '../load/payment-request.js';
import { PAYMENTS_QUEUE, announceReady, openDatabase, settings } from '../by-hand/settings.js';

const INSERT = `
  INSERT INTO payments (id, reference, status, amount, currency, method, product_name, customer, return_url, created_at, updated_at)
  VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, $9)`;

const database = openDatabase();
const payments = new Queue(PAYMENTS_QUEUE, { connection: settings.redis });
const app = Fastify();

app.post<{ Body: PaymentRequest }>(
  '/v1/payment-intents',
  { schema: { body } },
  async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${settings.apiKey}`)
      return reply.code(401).send();
    const payment = request.body;
    const id = randomUUID();
    const createdAt = new Date();
    await database.query({
      name: 'insert-payment',
      text: INSERT,
      values: [
        id,
        payment.reference,
        payment.amount,
        payment.currency,
        payment.method,
        payment.product_name,
        JSON.stringify(payment.customer),
        payment.return_url,
        createdAt,
      ],
    });
    // The card travels in the job, in clear: the shortest way, and one of the things Quittance
    // exists to avoid.
    await payments.add('submit', { id, payment }, { removeOnComplete: true, removeOnFail: 1000 });
    const { reference, currency } = payment;
    const accepted = { id, reference, amount: payment.amount, currency, status: 'queued' };
    return reply.code(202).send({ ...accepted, created_at: createdAt });
  },
);

app.get('/readyz', async () => ({ ready: true }));

await payments.waitUntilReady();
await app.listen({ port: settings.port, host: '127.0.0.1' });
announceReady();
