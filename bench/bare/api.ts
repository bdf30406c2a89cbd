// The plain intake: check the request, one insert, one job, 202.
import { randomUUID } from 'node:crypto';
import { listen, onPayment } from '../by-hand/http.js';
import { openQueue, statement } from '../by-hand/process.js';

const insertPayment = statement(`
  INSERT INTO payments (id, reference, status, amount, currency, method, product_name, customer, return_url, created_at, updated_at)
  VALUES ($id, $reference, 'queued', $amount, $currency, $method, $product_name, $customer, $return_url, $created_at, $created_at)`);

const payments = await openQueue('payments');

onPayment(async (payment, reply) => {
  const [id, created_at] = [randomUUID(), new Date()];
  const customer = JSON.stringify(payment.customer);
  await insertPayment({ ...payment, id, created_at, customer });
  // The job carries the card in clear: the shortest way, and one that Quittance exists to avoid.
  await payments.add('submit', { id, payment }, { removeOnComplete: true, removeOnFail: 1000 });
  const { reference, amount, currency } = payment;
  return reply.code(202).send({ id, reference, amount, currency, status: 'queued', created_at });
});

await listen();
