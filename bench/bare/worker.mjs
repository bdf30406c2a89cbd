// The plain submission: one job, one call to the gateway. The outcome comes with the callback.
import { Worker } from 'bullmq';
import { Pool } from 'undici';
import { CREATE_HEADERS, CREATE_PATH, gatewayWire } from './gateway-wire.mjs';
import { CONCURRENCY, PAYMENTS_QUEUE, announceReady, settings } from './settings.mjs';

const wire = gatewayWire(settings.terminal);
const gateway = new Pool(settings.gatewayUrl, { connections: CONCURRENCY });

async function submit({ data: { id, payment } }) {
  const { statusCode, body } = await gateway.request({
    method: 'POST',
    path: CREATE_PATH,
    headers: CREATE_HEADERS,
    body: wire.createBody(payment, `${settings.callbackUrl}/callbacks/${id}`),
  });
  const reply = await body.json();
  if (statusCode !== 200 || reply.order_status !== '0') {
    throw new Error(`the gateway answered ${statusCode}, order_status ${reply.order_status}`);
  }
}

const worker = new Worker(PAYMENTS_QUEUE, submit, {
  connection: settings.redis,
  concurrency: CONCURRENCY,
});
worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
worker.on('failed', (_, error) => process.stderr.write(`${error.message}\n`));
await worker.waitUntilReady();
announceReady();
