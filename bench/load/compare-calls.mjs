// What Quittance adds to one payment: a `Prefer: wait` payment and the bare call to the gateway with the same encoded
// body take turns, one at a time, so that both see the same machine.
import { CREATE_HEADERS, CREATE_PATH, gatewayWire } from '../by-hand/gateway-wire.mjs';
import { poolFor } from './intake.mjs';
import { APPROVED_AT_ONCE, paymentRequest } from './payment-request.mjs';

async function timed(pool, request) {
  const sentAt = performance.now();
  const { statusCode, body } = await pool.request(request);
  const answer = await body.json();
  return { ms: performance.now() - sentAt, statusCode, answer };
}

async function payAndWait(pool, { path, headers }, reference) {
  const body = JSON.stringify(paymentRequest(reference));
  const waiting = { ...headers, prefer: 'wait=10' };
  const { ms, statusCode, answer } = await timed(pool, {
    method: 'POST',
    path,
    headers: waiting,
    body,
  });
  if (statusCode === 200 && answer.status === 'succeeded') return ms;
  throw new Error(`a waiting payment was answered ${statusCode}, ${answer.status ?? answer.code}`);
}

async function callGateway(pool, wire, reference) {
  // As long as the address Quittance gives, so that the bodies are equally long.
  const webhookUrl = `http://127.0.0.1:3001/callbacks/pi_${'0'.repeat(26)}.${'0'.repeat(43)}`;
  const body = wire.createBody(paymentRequest(reference), webhookUrl);
  const request = { method: 'POST', path: CREATE_PATH, headers: CREATE_HEADERS, body };
  const { ms, statusCode, answer } = await timed(pool, request);
  if (statusCode === 200 && answer.order_status === '1') return ms;
  throw new Error(`the gateway answered ${statusCode}, order_status ${answer.order_status}`);
}

/**
 * @param {{ url: string, path: string, headers: object, sandboxUrl: string, terminal: object, count: number, tag: string }} options
 * @returns {Promise<{ waitMs: number[], gatewayMs: number[] }>} `count` times of each, in pairs
 */
export async function compareCalls({ url, path, headers, sandboxUrl, terminal, count, tag }) {
  const api = poolFor(url, 1);
  const gateway = poolFor(sandboxUrl, 1);
  const wire = gatewayWire(terminal);
  const waitMs = [];
  const gatewayMs = [];
  for (let index = 0; index < count; index += 1) {
    waitMs.push(await payAndWait(api, { path, headers }, `${APPROVED_AT_ONCE}${tag}-${index}`));
    gatewayMs.push(await callGateway(gateway, wire, `${APPROVED_AT_ONCE}bare-${tag}-${index}`));
  }
  return { waitMs, gatewayMs };
}
