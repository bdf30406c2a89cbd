// The load generator: a process of its own, so that its work is measured apart from that of the
// contestants. It receives its tasks over the channel to its parent and ends with it.
import { Pool, type Dispatcher } from 'undici';
import { CREATE_CALL, gatewayWire, type GatewayTerminal } from '../by-hand/gateway-wire.js';
import { APPROVED_AT_ONCE, laterReference, paymentRequest } from './payment.js';

/** Payments to a contestant. `tag` keeps their references apart from those of other tasks. */
interface Task {
  readonly url: string;
  readonly apiKey: string;
  readonly count: number;
  readonly tag: string;
}

/** A request without a response by then ends the run with an error instead of a standstill. */
const RESPONSE_LIMIT_MS = 30_000;
const LIMITS = { headersTimeout: RESPONSE_LIMIT_MS, bodyTimeout: RESPONSE_LIMIT_MS };
/** As long as Quittance's address of a callback, so that the bodies are equally long. */
const WEBHOOK_URL = `http://127.0.0.1:3001/callbacks/pi_${'0'.repeat(26)}.${'0'.repeat(43)}`;

/** One pool per address and size, open from round to round. */
const pools = new Map<string, Pool>();

function poolOf(url: string, connections: number): Pool {
  const name = `${connections} ${url}`;
  const pool =
    pools.get(name) ?? new Pool(url, { connections, keepAliveTimeout: 60_000, ...LIMITS });
  pools.set(name, pool);
  return pool;
}

/** Milliseconds to the end of the response. Throws if it has not this status and text. */
async function timed(pool: Pool, request: Dispatcher.RequestOptions, status: number, text = '') {
  const sentAt = performance.now();
  const { statusCode, body } = await pool.request(request);
  const response = await body.text();
  const ms = performance.now() - sentAt;
  if (statusCode === status && response.includes(text)) return ms;
  throw new Error(`the response to ${request.path}: ${statusCode} ${response}`);
}

/** Makes requests that create payments. */
function paymentCalls(apiKey: string, more = {}) {
  const authorization = `Bearer ${apiKey}`;
  const headers = { 'content-type': 'application/json', authorization, ...more };
  const call = { method: 'POST', path: '/v1/payment-intents', headers } as const;
  return (reference: string) => ({ ...call, body: JSON.stringify(paymentRequest(reference)) });
}

/**
 * Offers payments as fast as they are accepted: each connection sends the next one when the last
 * has its response.
 * @returns wall clock time of the start, and milliseconds
 */
async function offer({ url, apiKey, connections, count, tag }: Task & { connections: number }) {
  const pool = poolOf(url, connections);
  const payment = paymentCalls(apiKey);
  const latenciesMs: number[] = [];
  let next = 0;
  const connection = async () => {
    while (next < count)
      latenciesMs.push(await timed(pool, payment(laterReference(tag, next++)), 202));
  };
  const [startedAt, begun] = [Date.now(), performance.now()];
  await Promise.all(Array.from({ length: connections }, connection));
  return { startedAt, durationMs: performance.now() - begun, latenciesMs };
}

/**
 * Alternates a `Prefer: wait` payment and a bare call to the gateway with the same encoded body,
 * one at a time, so that both meet the same machine: the difference is what Quittance adds to one.
 */
async function compareCalls(
  task: Task & { readonly gateway: { readonly url: string; readonly terminal: GatewayTerminal } },
) {
  const [quittance, gateway] = [poolOf(task.url, 1), poolOf(task.gateway.url, 1)];
  const wire = gatewayWire(task.gateway.terminal);
  const waiting = paymentCalls(task.apiKey, { prefer: 'wait=10' });
  const [waitMs, gatewayMs]: [number[], number[]] = [[], []];
  for (let index = 0; index < task.count; index += 1) {
    const payment = waiting(`${APPROVED_AT_ONCE}${task.tag}-${index}`);
    waitMs.push(await timed(quittance, payment, 200, '"status":"succeeded"'));
    const direct = paymentRequest(`${APPROVED_AT_ONCE}bare-${task.tag}-${index}`);
    const call = { ...CREATE_CALL, body: wire.createBody(direct, WEBHOOK_URL) };
    gatewayMs.push(await timed(gateway, call, 200, '"order_status":"1"'));
  }
  return { waitMs, gatewayMs };
}

/** The tasks by their names. */
export type Tasks = typeof TASKS;
const TASKS = { offer, compareCalls };

process.on('message', ({ task, options }: { task: keyof Tasks; options: never }) => {
  const report = (message: object) => process.send?.(message);
  const work: Promise<object> = TASKS[task](options);
  work.then((result) => report({ result })).catch(({ message }) => report({ problem: message }));
});
process.on('disconnect', () => process.exit());
