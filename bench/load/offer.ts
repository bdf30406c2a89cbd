// The load on the contestants. It runs in the bench's own process, which has nothing else to do
// meanwhile, so that its work is measured apart from theirs.
import { Agent, type Dispatcher } from 'undici';
import type { Contestant, Setting } from '../contestant.js';
import type { ComparedCall } from '../figures.js';
import type { Floor } from './floor.js';
import { APPROVED_AT_ONCE, createCall, laterReference, paymentRequest } from './payment.js';

/** The address of a contestant, and the key of its merchant. */
type Target = Pick<Contestant, 'url' | 'apiKey'>;

/** A request without a response by then ends the run with an error instead of a standstill. */
const RESPONSE_LIMIT_MS = 30_000;
const LIMITS = { headersTimeout: RESPONSE_LIMIT_MS, bodyTimeout: RESPONSE_LIMIT_MS };
/** Single calls before the counted ones, so that neither side pays for a first connection. */
const CALLS_WARM_UP = 20;
/** As long as Quittance's address of a callback, so that the bodies are equally long. */
const WEBHOOK_URL = `http://127.0.0.1:3001/callbacks/pi_${'0'.repeat(26)}.${'0'.repeat(43)}`;

/** Its connections stay open from round to round. */
const agent = new Agent({ keepAliveTimeout: 60_000, ...LIMITS });

/** Milliseconds to the end of the response. Throws if status and text are not the expected ones. */
async function timed(origin: string, call: Dispatcher.RequestOptions, expected: RegExp) {
  const sentAt = performance.now();
  const { statusCode, body } = await agent.request({ ...call, origin });
  const response = `${statusCode} ${await body.text()}`;
  const ms = performance.now() - sentAt;
  if (expected.test(response)) return ms;
  throw new Error(`the response to ${call.path}: ${response}`);
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
 * has its response. `tag` keeps their references apart from those of other offers.
 * @returns wall clock time of the start, and milliseconds
 */
export async function offer(
  { url, apiKey }: Target,
  { count, connections, tag }: Readonly<Record<'count' | 'connections', number>> & { tag: string },
) {
  const payment = paymentCalls(apiKey);
  const latenciesMs: number[] = [];
  let next = 0;
  const connection = async () => {
    while (next < count)
      latenciesMs.push(await timed(url, payment(laterReference(tag, next++)), /^20[02] /));
  };
  const [startedAt, begun] = [Date.now(), performance.now()];
  await Promise.all(Array.from({ length: connections }, connection));
  return { startedAt, durationMs: performance.now() - begun, latenciesMs };
}

/** Offers payments as the lines of one batch. Resolves with the milliseconds to its end. */
export function offerBatch({ url, apiKey }: Target, count: number): Promise<number> {
  const { headers, ...call } = paymentCalls(apiKey)('');
  const line = (at: number) => `${JSON.stringify(paymentRequest(laterReference('many', at)))}\n`;
  const body = Array.from({ length: count }, (_, at) => line(at)).join('');
  const request = { ...call, path: `${call.path}/batch`, body };
  const ndjson = { ...headers, 'content-type': 'application/x-ndjson' };
  return timed(url, { ...request, headers: ndjson }, new RegExp(`"line":${count},"status":202`));
}

/** Milliseconds of a payment whose caller waits for its end. */
function waited({ url, apiKey }: Target, tag: string, more = {}): Promise<number> {
  const payment = paymentCalls(apiKey, { prefer: 'wait=10', ...more });
  return timed(url, payment(`${APPROVED_AT_ONCE}${tag}`), /^200 .*"status":"succeeded"/);
}

interface CompareOptions {
  readonly gateway: Setting['gateway'];
  readonly floor: Floor;
  /** Makes the same payments by hand, to be measured beside them. */
  readonly byHand?: Target;
  readonly count: number;
  /** Continues a trace with the payment `index`, which is negative during the warm-up. */
  readonly traceparent?: (index: number) => string;
}

/**
 * Alternates a `Prefer: wait` payment, a bare call to the gateway and the floor, one at a time, so
 * that all meet the same machine: the difference is what Quittance adds to one.
 */
export async function compareCalls(
  quittance: Target,
  { gateway, floor, byHand, count, traceparent }: CompareOptions,
): Promise<ComparedCall[]> {
  const calls: ComparedCall[] = [];
  for (let index = -CALLS_WARM_UP; index < count; index += 1) {
    const trace = traceparent?.(index);
    const sentAt = performance.timeOrigin + performance.now();
    const waitMs = await waited(quittance, `wait-${index}`, trace && { traceparent: trace });
    const answeredAt = sentAt + waitMs;
    const direct = paymentRequest(`${APPROVED_AT_ONCE}bare-${index}`);
    const call = createCall(direct, gateway.terminal, WEBHOOK_URL);
    const gatewayMs = await timed(gateway.url, call, /^200 .*"order_status":"1"/);
    const floorMs = await floor.measure();
    const byHandMs = byHand && (await waited(byHand, `hand-${index}`));
    calls.push({ sentAt, answeredAt, waitMs, gatewayMs, floorMs, ...(byHandMs && { byHandMs }) });
  }
  return calls.slice(CALLS_WARM_UP);
}
