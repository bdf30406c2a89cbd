// A steady stream of payments while something is broken underneath, and the responses of that time.
import { setTimeout as pause } from 'node:timers/promises';
import { Oracle, type Verdict } from './oracle.js';
import { Caller } from './payments.js';
import type { Random } from './random.js';
import { SandboxControl } from './sandbox-control.js';
import type { ChaosStack } from './stack/chaos-stack.js';
import { inParallel } from './waiting.js';

const JUDGED_AT_ONCE = 24;
const ACCEPTED_WITHIN_MS = 120_000;
const PAUSE_MS = 50;
const PROBLEMS_SHOWN = 20;

interface LoadOptions {
  /** Of the references. */
  readonly prefix: string;
  /** At once, each with a pause between its payments. */
  readonly callers: number;
  readonly answerLimitMs?: number;
  /** Addresses of apps that are not where the stack started them. */
  readonly moved?: Readonly<Record<string, string>>;
  /** Scripts the sandbox for a payment. */
  readonly before?: (reference: string) => Promise<unknown>;
}

/** Each caller repeats its request until it is accepted. */
export class Load {
  readonly references: string[] = [];
  /** First responses by HTTP status, or by the reason why there was none. */
  readonly #firstAnswers = new Map<string, number>();
  /** Payments that were not accepted, with the reason. */
  readonly #rejected: string[] = [];
  readonly #options: LoadOptions;
  readonly #oracle: Oracle;
  readonly #caller: Caller;
  #isStopped = false;
  #running: Promise<void>[] = [];

  constructor(stack: ChaosStack, options: LoadOptions) {
    const { apiKey } = stack;
    const { moved, answerLimitMs } = options;
    const urls = { ...stack.urls, ...moved };
    this.#options = options;
    this.#oracle = new Oracle(urls);
    this.#caller = new Caller({
      apiUrl: urls.api,
      sandboxUrl: urls.sandbox,
      apiKey,
      answerLimitMs,
    });
  }

  start(): this {
    const { callers } = this.#options;
    this.#running = Array.from({ length: callers }, () => this.#callAgainAndAgain());
    return this;
  }

  /** Takes no more payments and resolves when the last caller has its response. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  async #callAgainAndAgain(): Promise<void> {
    while (!this.#isStopped) {
      await this.#pay();
      await pause(PAUSE_MS);
    }
  }

  async #pay(): Promise<void> {
    const { prefix, before } = this.#options;
    const reference = `${prefix}-${this.references.length}`;
    this.references.push(reference);
    try {
      await before?.(reference);
      const { faults } = await this.#caller.accept(reference, { limitMs: ACCEPTED_WITHIN_MS });
      const first = faults[0] ?? 'accepted';
      this.#firstAnswers.set(first, (this.#firstAnswers.get(first) ?? 0) + 1);
    } catch (error) {
      this.#rejected.push((error as Error).message);
    }
  }

  /**
   * The oracle's verdict on every payment; `ends` is the status in which each must end. Judged
   * twice, because a second charge may come late.
   */
  async judge(limitMs: number, ends: string): Promise<{ verdicts: Verdict[]; problems: string[] }> {
    const endsAt = Date.now() + limitMs;
    const judgeAll = (leftMs: () => number) =>
      inParallel(this.references, JUDGED_AT_ONCE, (reference) =>
        this.#oracle.verdict(reference, leftMs(), ends),
      );
    const verdicts = await judgeAll(() => Math.max(0, endsAt - Date.now()));
    const later = await judgeAll(() => 5_000);
    const problems = [...problemsOf(later), ...this.#rejected].slice(0, PROBLEMS_SHOWN);
    return { verdicts, problems };
  }

  /** The time of the slowest answer, in milliseconds. */
  get longestAnswerMs(): number {
    return this.#caller.longestAnswerMs;
  }

  /** First responses that are not among those expected. */
  unexpectedAnswers(expected: ReadonlySet<string>): string[] {
    return [...this.#firstAnswers.keys()].filter((answer) => !expected.has(answer));
  }

  /** `accepted 412, 503 3`, for the table. */
  answers(): string {
    return [...this.#firstAnswers].map(([answer, count]) => `${answer} ${count}`).join(', ');
  }
}

/** Has the acquirer leave each payment pending, and approve it by callback within `withinMs`. */
export function settlesLater(
  stack: ChaosStack,
  { random, withinMs }: { random: Random; withinMs: number },
): (reference: string) => Promise<unknown> {
  const sandbox = new SandboxControl(stack.urls.sandbox);
  return (reference) =>
    sandbox.acquirer({
      match: { reference },
      reply: '0',
      settle: { order_status: '1', after_ms: random.below(withinMs) },
      times: 1,
    });
}

/** The problems of all payments, each with its reference. */
export const problemsOf = (verdicts: readonly Verdict[]): string[] =>
  verdicts.flatMap(({ reference, problems }) => problems.map((text) => `${reference} ${text}`));

/** `succeeded 90, in_doubt 1`. */
export function countByStatus(verdicts: readonly Pick<Verdict, 'status'>[]): string {
  const counts = new Map<string, number>();
  for (const { status = 'unknown' } of verdicts) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${status} ${count}`).join(', ');
}
