// The plain submission: one job, one call to the gateway. The outcome comes with the callback.
import { Pool } from 'undici';
import { consume } from '../by-hand/consume.mjs';
import { CONCURRENCY, PAYMENTS_QUEUE, announceReady, settings } from '../by-hand/settings.mjs';
import { CREATE_HEADERS, CREATE_PATH, gatewayWire } from '../by-hand/gateway-wire.mjs';

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

await consume(PAYMENTS_QUEUE, submit);
announceReady();
