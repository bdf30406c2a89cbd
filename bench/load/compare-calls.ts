// What Quittance adds to one payment: a `Prefer: wait` payment and the bare call to the gateway
// with the same encoded body take turns, one at a time, so that both see the same machine.
import type { Dispatcher, Pool } from 'undici';
import type { TerminalWithKeys } from '../../tools/stack/keys.js';
import { CREATE_HEADERS, CREATE_PATH, gatewayWire } from '../by-hand/gateway-wire.js';
import type { SingleCalls } from '../figures/summary.js';
import { poolFor, type IntakeOptions } from './intake.js';
import { APPROVED_AT_ONCE, paymentRequest } from './payment-request.js';

interface Timed {
  readonly ms: number;
  readonly statusCode: number;
  readonly answer: Readonly<Record<string, string | undefined>>;
}

async function timed(pool: Pool, request: Dispatcher.RequestOptions): Promise<Timed> {
  const sentAt = performance.now();
  const { statusCode, body } = await pool.request(request);
  const answer = (await body.json()) as Timed['answer'];
  return { ms: performance.now() - sentAt, statusCode, answer };
}

async function payAndWait(
  pool: Pool,
  { path, headers }: Pick<CompareOptions, 'path' | 'headers'>,
  reference: string,
): Promise<number> {
  const body = JSON.stringify(paymentRequest(reference));
  const waiting = { ...headers, prefer: 'wait=10' };
  const { ms, statusCode, answer } = await timed(pool, {
    method: 'POST',
    path,
    headers: waiting,
    body,
  });
  if (statusCode === 200 && answer['status'] === 'succeeded') return ms;
  throw new Error(
    `a waiting payment was answered ${statusCode}, ${answer['status'] ?? answer['code']}`,
  );
}

async function callGateway(
  pool: Pool,
  wire: ReturnType<typeof gatewayWire>,
  reference: string,
): Promise<number> {
  // As long as the address Quittance gives, so that the bodies are equally long.
  const webhookUrl = `http://127.0.0.1:3001/callbacks/pi_${'0'.repeat(26)}.${'0'.repeat(43)}`;
  const body = wire.createBody(paymentRequest(reference), webhookUrl);
  const request = { method: 'POST', path: CREATE_PATH, headers: CREATE_HEADERS, body } as const;
  const { ms, statusCode, answer } = await timed(pool, request);
  if (statusCode === 200 && answer['order_status'] === '1') return ms;
  throw new Error(`the gateway answered ${statusCode}, order_status ${answer['order_status']}`);
}

/**
 * Both ways of a payment: through Quittance, and with the terminal's keys straight to the gateway.
 */
export interface CompareOptions extends Omit<IntakeOptions, 'connections'> {
  readonly sandboxUrl: string;
  readonly terminal: TerminalWithKeys;
}

/** Takes `count` times of each, in pairs. */
export async function compareCalls(options: CompareOptions): Promise<SingleCalls> {
  const { url, path, headers, sandboxUrl, terminal, count, tag } = options;
  const api = poolFor(url, 1);
  const gateway = poolFor(sandboxUrl, 1);
  const wire = gatewayWire(terminal);
  const waitMs: number[] = [];
  const gatewayMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    waitMs.push(await payAndWait(api, { path, headers }, `${APPROVED_AT_ONCE}${tag}-${index}`));
    gatewayMs.push(await callGateway(gateway, wire, `${APPROVED_AT_ONCE}bare-${tag}-${index}`));
  }
  return { waitMs, gatewayMs };
}
