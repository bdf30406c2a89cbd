// Offers payments as fast as they are taken: each connection sends its next one when the last is
// answered.
import { Pool } from 'undici';
import { laterReference, paymentRequest } from './payment-request.js';

const KEEP_ALIVE_MS = 60_000;
/**
 * What is not answered by then never will be: the run ends and says so, instead of standing still.
 */
const ANSWER_LIMIT_MS = 30_000;
const pools = new Map<string, Pool>();

/** One pool per address and size, kept open from round to round. */
export function poolFor(url: string, connections: number): Pool {
  const name = `${connections} ${url}`;
  const options = {
    connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: ANSWER_LIMIT_MS,
    bodyTimeout: ANSWER_LIMIT_MS,
  };
  const pool = pools.get(name) ?? new Pool(url, options);
  pools.set(name, pool);
  return pool;
}

/**
 * Where payments are taken in, and how many are sent; `tag` keeps their references apart from
 * others'.
 */
export interface IntakeOptions {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly count: number;
  readonly tag: string;
}

/** `startedAt` is a wall clock time; the duration ends with the last answer. */
export interface IntakeTimes {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly latenciesMs: number[];
}

/** Sends `count` payments. */
export async function intake(options: IntakeOptions): Promise<IntakeTimes> {
  const { url, path, headers, connections, count, tag } = options;
  const pool = poolFor(url, connections);
  const latenciesMs: number[] = [];
  let next = 0;
  const sendOne = async () => {
    const payment = JSON.stringify(paymentRequest(laterReference(tag, next++)));
    const sentAt = performance.now();
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path,
      headers,
      body: payment,
    });
    const answer = await body.text();
    latenciesMs.push(performance.now() - sentAt);
    if (statusCode !== 202) throw new Error(`a payment was answered ${statusCode}: ${answer}`);
  };
  const connection = async () => {
    while (next < count) await sendOne();
  };
  const startedAt = Date.now();
  const begun = performance.now();
  await Promise.all(Array.from({ length: connections }, connection));
  return { startedAt, durationMs: performance.now() - begun, latenciesMs };
}
