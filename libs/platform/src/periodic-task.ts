// Repeats a task. One pass is `runOnce()`, which tests call; the loop around it only ticks, logs
// and stops. Passes never overlap. A failed pass is retried at the next tick, and logged once per
// cause until a pass succeeds.
import type { Logger } from './logging.js';
import { OutageLog } from './outage-log.js';

/** Settings of a periodic task. */
export interface PeriodicTaskOptions {
  /** The name of the task in the log, such as `outbox sweeper`. */
  readonly name: string;
  /** Pause between the end of a pass and the start of the next, in milliseconds. */
  readonly everyMs: number;
  /**
   * Share of `everyMs` (0 to 1) by which a pause varies in either direction, so that processes
   * spread out. Default 0.
   */
  readonly jitter?: number;
  /**
   * Shortest time between the starts of two passes when the second is poked, in milliseconds;
   * called for each poke. Under load, one pass then does the work of many. Default 0: a poke runs
   * at once.
   */
  readonly apartMs?: () => number;
  /**
   * True when the first pass waits for one pause, for a task that checks on the work of others.
   * Default false.
   */
  readonly startsLater?: boolean;
  /**
   * Runs one pass. Resolves with `'again'` when more work is waiting; the next pass then follows
   * without a pause.
   */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  readonly log: Logger;
}

/** Repeats one pass in a loop. */
export class PeriodicTask {
  readonly #options: PeriodicTaskOptions;
  readonly #outage: OutageLog;
  #stopped = new AbortController();
  #isStarted = false;
  #current: Promise<unknown> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isPoked = false;
  #lastStart = -Infinity;

  constructor(options: PeriodicTaskOptions) {
    this.#options = options;
    const messages = { failed: 'periodic task failed', over: 'periodic task works again' };
    this.#outage = new OutageLog(options.log, 'error', messages, { task: options.name });
  }

  /**
   * Runs one pass now, or joins the running one. Rejects when the pass fails; the loop itself logs
   * the failure.
   */
  runOnce(): Promise<unknown> {
    this.#current ??= this.#pass();
    return this.#current;
  }

  async #pass(): Promise<unknown> {
    this.#lastStart = performance.now();
    try {
      // Awaited, so that the pass counts as running until it has settled.
      return await this.#options.run(this.#stopped.signal);
    } finally {
      this.#current = undefined;
    }
  }

  /** Starts the loop. A second call has no effect. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#stopped = new AbortController();
    this.#schedule(this.#options.startsLater ? this.#pauseMs() : 0);
  }

  /** Ends the loop: aborts the signal of the running pass and resolves once the pass has ended. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#isPoked = false;
    clearTimeout(this.#timer);
    this.#stopped.abort();
    // The caller that started the pass reports its failure.
    await this.#current?.catch(() => undefined);
  }

  /** Requests a pass soon: at once when idle, otherwise right after the running pass. */
  poke(): void {
    if (!this.#isStarted) return;
    this.#isPoked = true;
    if (this.#current === undefined) this.#schedule(this.#untilApartMs());
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(this.#stopped.signal), delayMs);
  }

  async #tick(stopped: AbortSignal): Promise<void> {
    this.#isPoked = false;
    let result: unknown;
    try {
      result = await this.runOnce();
      this.#outage.over();
    } catch (error) {
      this.#outage.failed(error);
    }
    // The task was stopped, and perhaps started again, while the pass ran. This loop ends.
    if (stopped.aborted) return;
    if (result === 'again') this.#schedule(0);
    else this.#schedule(this.#isPoked ? this.#untilApartMs() : this.#pauseMs());
  }

  #untilApartMs(): number {
    const apartMs = this.#options.apartMs?.() ?? 0;
    return Math.max(0, this.#lastStart + apartMs - performance.now());
  }

  #pauseMs(): number {
    const { everyMs, jitter = 0 } = this.#options;
    return everyMs * (1 + jitter * (2 * Math.random() - 1));
  }
}
