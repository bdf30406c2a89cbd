// The load generator: a process of its own, so that its work is measured apart from that of the
// contestants. It receives its tasks over the channel to its parent and ends with it.
import { Pool, type Dispatcher } from 'undici';
import { CREATE_CALL, gatewayWire, type GatewayTerminal } from '../by-hand/gateway-wire.js';
import { APPROVED_AT_ONCE, laterReference, paymentRequest } from './payment.js';

/** Payments to a contestant. `tag` keeps their references apart from those of other tasks. */
interface Task {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly count: number;
  readonly tag: string;
}

const PATH = '/v1/payment-intents';
/** A request without a response by then ends the run with an error instead of a standstill. */
const RESPONSE_LIMIT_MS = 30_000;
const CONNECTION = {
  pipelining: 1,
  keepAliveTimeout: 60_000,
  headersTimeout: RESPONSE_LIMIT_MS,
  bodyTimeout: RESPONSE_LIMIT_MS,
};
/** One pool per address and size, open from round to round. */
const pools = new Map<string, Pool>();

/** Sends a request. `ms` is the time to the end of its response. */
async function send(url: string, connections: number, request: Dispatcher.RequestOptions) {
  const name = `${connections} ${url}`;
  const pool = pools.get(name) ?? new Pool(url, { connections, ...CONNECTION });
  pools.set(name, pool);
  const sentAt = performance.now();
  const { statusCode, body } = await pool.request(request);
  const text = await body.text();
  return { ms: performance.now() - sentAt, statusCode, text };
}

/**
 * Offers payments as fast as they are accepted: each connection sends the next one when the last
 * has its response.
 * @returns wall clock time of the start, and milliseconds
 */
async function offer(task: Task & { readonly connections: number }) {
  const { url, headers, connections, count, tag } = task;
  const latenciesMs: number[] = [];
  let next = 0;
  const connection = async () => {
    while (next < count) {
      const body = JSON.stringify(paymentRequest(laterReference(tag, next++)));
      const request = { method: 'POST', path: PATH, headers, body } as const;
      const { ms, statusCode, text } = await send(url, connections, request);
      latenciesMs.push(ms);
      if (statusCode !== 202) throw new Error(`the response to a payment: ${statusCode} ${text}`);
    }
  };
  const [startedAt, begun] = [Date.now(), performance.now()];
  await Promise.all(Array.from({ length: connections }, connection));
  return { startedAt, durationMs: performance.now() - begun, latenciesMs };
}

/** As long as Quittance's address of a callback, so that the bodies are equally long. */
const WEBHOOK_URL = `http://127.0.0.1:3001/callbacks/pi_${'0'.repeat(26)}.${'0'.repeat(43)}`;

async function timed(url: string, request: Dispatcher.RequestOptions, success: string) {
  const { ms, statusCode, text } = await send(url, 1, request);
  if (statusCode === 200 && text.includes(success)) return ms;
  throw new Error(`the response to ${request.path}: ${statusCode} ${text}`);
}

/**
 * Alternates a `Prefer: wait` payment and a bare call to the gateway with the same encoded body,
 * one at a time, so that both meet the same machine: the difference is what Quittance adds to one.
 */
async function compareCalls({
  gateway,
  ...task
}: Task & { readonly gateway: { readonly url: string; readonly terminal: GatewayTerminal } }) {
  const wire = gatewayWire(gateway.terminal);
  const headers = { ...task.headers, prefer: 'wait=10' };
  const waitMs: number[] = [];
  const gatewayMs: number[] = [];
  for (let index = 0; index < task.count; index += 1) {
    const reference = `${task.tag}-${index}`;
    const body = JSON.stringify(paymentRequest(`${APPROVED_AT_ONCE}${reference}`));
    const waiting = { method: 'POST', path: PATH, headers, body } as const;
    waitMs.push(await timed(task.url, waiting, '"status":"succeeded"'));
    const direct = paymentRequest(`${APPROVED_AT_ONCE}bare-${reference}`);
    const call = { ...CREATE_CALL, body: wire.createBody(direct, WEBHOOK_URL) };
    gatewayMs.push(await timed(gateway.url, call, '"order_status":"1"'));
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
