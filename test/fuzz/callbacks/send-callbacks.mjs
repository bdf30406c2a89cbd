// Sends the callbacks of a run, many at once, and judges each answer as it comes.
import { Pool } from 'undici';
import { HANG_MS } from '../oracles/answers.mjs';
import { shown, smallestBody } from '../smallest.mjs';
import { rowName } from './kept.mjs';

const UNDER_WAY = 48;
const SHOWN = 20;
const TOLD_EVERY = 5_000;
const TAKEN = '{"received":true}';
/** What the server says of bodies and addresses it does not take, before anybody looks at the token. */
const TRANSPORT = new Set([400, 404, 413, 414]);
/** The server may hang up while a body that is too large is still on its way. */
const HUNG_UP = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * What is wrong with the answer to a callback: everybody is told the same.
 * @param {{ isRight: boolean, isTooLarge: boolean }} callback
 * @param {{ status?: number, text?: string, error?: string }} answer
 * @returns {string[]}
 */
export function callbackProblems({ isRight, isTooLarge }, { status, text, error }) {
  if (error !== undefined) return isTooLarge && HUNG_UP.has(error) ? [] : [`no answer: ${error}`];
  if (isTooLarge)
    return status === 413 || (!isRight && TRANSPORT.has(status))
      ? []
      : [`${status} to a body that is too large`];
  if (status === 200) return text === TAKEN ? [] : [`200 says ${text.slice(0, 100)}`];
  return !isRight && TRANSPORT.has(status) ? [] : [`status ${status}`];
}

/** What a run has seen so far. */
export class CallbackTally {
  problems = [];
  statuses = {};
  mutations = {};
  right = 0;
  /** Rows that must be there. */
  received = new Map();
  slowestMs = 0;
  /** The first callback that had a problem, and its first problem. */
  offender;
  #textOf;

  /** @param {(body: Buffer, contentType: string | undefined) => string} textOf */
  constructor(textOf) {
    this.#textOf = textOf;
  }

  add(index, callback, { answer, problems }) {
    const { done, isRight } = callback;
    const status = answer.status ?? answer.error;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    for (const name of done) this.mutations[name] = (this.mutations[name] ?? 0) + 1;
    if (isRight) this.right += 1;
    if (isRight && answer.status === 200) this.received.set(rowName(callback, this.#textOf), index);
    this.slowestMs = Math.max(this.slowestMs, answer.ms);
    if (problems.length > 0) this.offender ??= { callback, problem: problems[0] };
    if (this.problems.length < SHOWN)
      this.problems.push(
        ...problems.map((what) => `callback ${index} (${done.join(' ')}): ${what}`),
      );
  }
}

async function post(pool, { path, contentType, body }) {
  const startedAt = performance.now();
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  try {
    const reply = await pool.request({ method: 'POST', path, headers, body });
    const text = await reply.body.text();
    return { status: reply.statusCode, text, ms: performance.now() - startedAt };
  } catch (error) {
    return { error: error.code ?? error.message, ms: performance.now() - startedAt };
  }
}

/** Sends one callback; its answer, and what is wrong with that. */
async function judged({ pool, secrets }, callback) {
  const answer = await post(pool, callback);
  const given = secrets.problemsIn('the answer', answer.text ?? '');
  return { answer, problems: [...callbackProblems(callback, answer), ...given] };
}

const poolFor = (url) =>
  new Pool(url, { connections: UNDER_WAY, headersTimeout: HANG_MS, bodyTimeout: HANG_MS });

/**
 * @param {import('./build-callback.mjs').CallbackBuilder} builder
 * @param {{ url: string, secrets: import('../oracles/secrets.mjs').Secrets, from: number, to: number, tally: CallbackTally,
 *   say: (detail: string) => void }} options numbers of callbacks
 */
export async function sendCallbacks(builder, { url, secrets, from, to, tally, say }) {
  const pool = poolFor(url);
  let next = from;
  const lane = async () => {
    while (next < to) {
      const index = next;
      next += 1;
      const callback = builder.build(index);
      if (next % TOLD_EVERY === 0) say(`callback ${next}`);
      tally.add(index, callback, await judged({ pool, secrets }, callback));
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, lane));
  await pool.close();
}

/** The smallest body that still has the first problem of a run, in words; none when it had none, or one that takes too long to try. */
export async function smallestCallback({ offender, slowestMs }, { url, secrets }) {
  if (!offender || slowestMs > HANG_MS) return [];
  const { callback, problem } = offender;
  const pool = poolFor(url);
  const isBad = async (body) => {
    const { problems } = await judged({ pool, secrets }, { ...callback, body });
    return problems.includes(problem);
  };
  const smallest = await smallestBody(callback.body, isBad);
  await pool.close();
  return [`the smallest callback with "${problem}" is ${callback.contentType}: ${shown(smallest)}`];
}
