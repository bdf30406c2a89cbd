// The way of a waiting payment by hand: the durable commits, the job, the call and the signal of
// Quittance in two processes, and nothing else. It encrypts no card and checks nothing, so it adds
// the least time that this way can take.
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { callbackUrl, servePayments } from '../by-hand/http.js';
import { consume, openQueue, play, send, settings, statement } from '../by-hand/process.js';
import { createCall, type PaymentRequest } from '../load/payment.js';

type Submission = { readonly id: string; readonly payment: PaymentRequest };

const CHANNEL = `${settings.contestant}-ended`;
const JOB = { removeOnComplete: true };

const insertPayment = statement(`
  INSERT INTO payments (id, reference, status, created_at)
  VALUES ($id, $reference, 'queued', $created_at)`);
const updatePayment = statement('UPDATE payments SET status = $status WHERE id = $id');

await play({
  async api() {
    const queue = openQueue('payments');
    const waiting = new Map<string, (status: string) => void>();
    const signals = new Redis(settings.redisUrl);
    await signals.subscribe(CHANNEL);
    signals.on('message', (_, message) => {
      const [id = '', status = ''] = message.split(' ');
      waiting.get(id)?.(status);
      waiting.delete(id);
    });
    await servePayments(async (payment) => {
      const id = randomUUID();
      const ended = new Promise<string>((resolve) => waiting.set(id, resolve));
      await insertPayment({ id, reference: payment.reference, created_at: new Date() });
      await queue.add('submit', { id, payment }, JOB);
      return [200, { id, status: await ended }];
    });
  },

  async worker() {
    const redis = new Redis(settings.redisUrl);
    await consume('payments', async ({ id, payment }: Submission) => {
      const call = createCall(payment, settings.terminal, callbackUrl(id));
      await updatePayment({ id, status: 'submitting' });
      const { body } = await send(call);
      const status = JSON.parse(body).order_status === '1' ? 'succeeded' : 'declined';
      await updatePayment({ id, status });
      await redis.publish(CHANNEL, `${id} ${status}`);
    });
  },

  // The payments of this contestant end in the reply.
  async webhook() {},
  async orders() {},
});
