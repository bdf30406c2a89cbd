// The plain submission: one job, one call to the gateway. The outcome comes with the callback.
import type { Job } from 'bullmq';
import { Pool } from 'undici';
import { CREATE_CALL } from '../by-hand/gateway-wire.js';
import { CONCURRENCY, consume, settings, wire } from '../by-hand/process.js';
import type { PaymentRequest } from '../load/payment.js';

type Submission = { readonly id: string; readonly payment: PaymentRequest };

const gateway = new Pool(settings.gatewayUrl, { connections: CONCURRENCY });

await consume('payments', async ({ data: { id, payment } }: Job<Submission>) => {
  const body = wire.createBody(payment, `${settings.callbackUrl}/callbacks/${id}`);
  const response = await gateway.request({ ...CREATE_CALL, body });
  const { order_status } = (await response.body.json()) as { order_status?: string };
  if (response.statusCode !== 200 || order_status !== '0')
    throw new Error(`the gateway answered ${response.statusCode}, order_status ${order_status}`);
});
