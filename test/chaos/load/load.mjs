// Payments in a steady stream while something is broken underneath, and what the callers were told meanwhile.
import { setTimeout as pause } from 'node:timers/promises';
import { Oracle } from '../oracle/oracle.ts';
import { Caller } from '../payments.ts';
import { inParallel } from '../waiting.ts';

const JUDGED_AT_ONCE = 24;

/** A stream of payments; each caller repeats its request until it is accepted. */
export class Load {
  references = [];
  /** First answers by HTTP status; `0` is none at all. */
  firstAnswers = new Map();
  /** Payments whose caller gave up, in words. */
  refused = [];
  #oracle;
  #caller;
  #callers;
  #pauseMs;
  #prefix;
  #before;
  #isStopped = false;
  #running = [];

  /**
   * @param {object} stack
   * @param {{ prefix: string, callers?: number, pauseMs?: number, answerLimitMs?: number, moved?: Record<string, string>,
   *   before?: (reference: string) => Promise<unknown> }} options `callers` at once, each with a pause between its payments;
   *   `moved` are the addresses of apps that are not where the stack started them; `before` scripts something for a payment
   */
  constructor(
    stack,
    { prefix, callers = 8, pauseMs = 50, answerLimitMs, moved = {}, before = async () => {} },
  ) {
    const urls = { ...stack.urls, ...moved };
    this.#oracle = new Oracle(urls);
    this.#prefix = prefix;
    this.#callers = callers;
    this.#pauseMs = pauseMs;
    this.#before = before;
    const { apiKey } = stack;
    const limit = answerLimitMs && { answerLimitMs };
    this.#caller = new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey, ...limit });
  }

  start() {
    this.#running = Array.from({ length: this.#callers }, () => this.#run());
    return this;
  }

  /** Takes no more payments and resolves when the last caller has its answer. */
  async stop() {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  async #run() {
    while (!this.#isStopped) {
      await this.#one();
      await pause(this.#pauseMs);
    }
  }

  async #one() {
    const reference = `${this.#prefix}-${this.references.length}`;
    this.references.push(reference);
    try {
      await this.#before(reference);
      const { faults } = await this.#caller.accept(reference, { limitMs: 120_000 });
      const first = faults[0] ?? 'accepted';
      this.firstAnswers.set(first, (this.firstAnswers.get(first) ?? 0) + 1);
    } catch (error) {
      this.refused.push(error.message);
    }
  }

  /** The oracle's word on every payment; `ends` is the status each must end in, where that is known. */
  async judge(limitMs, ends) {
    const oracle = this.#oracle;
    const endsAt = Date.now() + limitMs;
    const verdicts = await inParallel(this.references, JUDGED_AT_ONCE, (reference) =>
      oracle.verdict(reference, Math.max(0, endsAt - Date.now()), ends),
    );
    // Once more, because a second charge may come late.
    const again = await inParallel(this.references, JUDGED_AT_ONCE, (reference) =>
      oracle.verdict(reference, 5_000, ends),
    );
    return { verdicts, problems: [...problemsIn(again), ...this.refused].slice(0, 20) };
  }

  /** How long the slowest answer took, in milliseconds. */
  get longestAnswerMs() {
    return this.#caller.longestAnswerMs;
  }

  /** `accepted 412, 503 3`, for the table. */
  answers() {
    return [...this.firstAnswers].map(([answer, count]) => `${answer} ${count}`).join(', ');
  }
}

function problemsIn(verdicts) {
  return verdicts.flatMap(({ reference, problems }) =>
    problems.map((problem) => `${reference} ${problem}`),
  );
}

/** How many payments ended in which status. */
export function countByStatus(verdicts) {
  const counts = new Map();
  for (const { status } of verdicts) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${status} ${count}`).join(', ');
}
