// The plain version of the payment's way, without guarantees. The shortest way also means a card in
// clear in Redis, which Quittance exists to avoid.
import { randomUUID } from 'node:crypto';
import { decryptAes256 } from '@quittance/gateway-protocol';
import { callbackUrl, serveCallbacks, servePayments } from '../by-hand/http.js';
import { consume, openQueue, play, send, settings, statement } from '../by-hand/process.js';
import { createCall, type PaymentRequest } from '../load/payment.js';

type Submission = { readonly id: string; readonly payment: PaymentRequest };

const STATUS_NAMES: Readonly<Record<string, string>> = { 1: 'succeeded', 2: 'declined' };
const JOB = { removeOnComplete: true, removeOnFail: 1000 };

const insertPayment = statement(`
  INSERT INTO payments (id, reference, status, amount, currency, method, product_name, customer, return_url, created_at, updated_at)
  VALUES ($id, $reference, $status, $amount, $currency, $method, $product_name, $customer, $return_url, $created_at, $created_at)`);
const updatePayment = statement(`
  UPDATE payments SET status = $status, trans_id = $trans_id, updated_at = $updated_at
  WHERE id = $id RETURNING reference, amount, currency`);
const insertOrder = statement(`
  INSERT INTO orders (payment_id, reference, status, received_at)
  VALUES ($id, $reference, $status, $received_at)`);

await play({
  /** Checks the request, one insert, one job, 202. */
  async api() {
    const queue = openQueue('payments');
    await servePayments(async (payment) => {
      const { reference, amount, currency } = payment;
      const [id, status, created_at] = [randomUUID(), 'queued', new Date()];
      const customer = JSON.stringify(payment.customer);
      await insertPayment({ ...payment, id, status, created_at, customer });
      await queue.add('submit', { id, payment }, JOB);
      return [202, { id, reference, amount, currency, status, created_at }];
    });
  },

  /** One job, one call to the gateway. The outcome comes with the callback. */
  async worker() {
    await consume('payments', async ({ id, payment }: Submission) => {
      const call = createCall(payment, settings.terminal, callbackUrl(id));
      const { httpStatus, body } = await send(call);
      if (httpStatus !== 200 || JSON.parse(body).order_status !== '0')
        throw new Error(`the gateway answered ${httpStatus} ${body}`);
    });
  },

  /** Decrypts the callback, one update, one event, 200. */
  async webhook() {
    const queue = openQueue('events');
    await serveCallbacks(async (id, body) => {
      const fields = JSON.parse(decryptAes256(JSON.parse(body).data, settings.terminal));
      const { order_status, transID: trans_id } = fields;
      const status = STATUS_NAMES[order_status] ?? 'processing';
      const { rows } = await updatePayment({ id, status, trans_id, updated_at: new Date() });
      if (rows.length === 0) return false;
      await queue.add(`payment.${status}`, { id, status, trans_id, ...rows[0] }, JOB);
      return true;
    });
  },

  /** One event, one insert. */
  async orders() {
    await consume('events', async (event: object) => {
      await insertOrder({ ...event, received_at: new Date() });
    });
  },
});
