// The plain submission: one job, one call to the gateway. The outcome comes with the callback.
import type { Job } from 'bullmq';
import { Pool } from 'undici';
import { consume } from '../by-hand/consume.js';
import { CONCURRENCY, PAYMENTS_QUEUE, announceReady, settings } from '../by-hand/settings.js';
import { CREATE_HEADERS, CREATE_PATH, gatewayWire } from '../by-hand/gateway-wire.js';
import type { PaymentRequest } from '../load/payment-request.js';

const wire = gatewayWire(settings.terminal);
const gateway = new Pool(settings.gatewayUrl, { connections: CONCURRENCY });

type Submission = { readonly id: string; readonly payment: PaymentRequest };

async function submit({ data: { id, payment } }: Job<Submission>): Promise<void> {
  const { statusCode, body } = await gateway.request({
    method: 'POST',
    path: CREATE_PATH,
    headers: CREATE_HEADERS,
    body: wire.createBody(payment, `${settings.callbackUrl}/callbacks/${id}`),
  });
  const reply = (await body.json()) as { order_status?: string };
  if (statusCode !== 200 || reply.order_status !== '0') {
    throw new Error(`the gateway answered ${statusCode}, order_status ${reply.order_status}`);
  }
}

await consume(PAYMENTS_QUEUE, submit);
announceReady();
