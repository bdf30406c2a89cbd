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
   * Time from a poke to its pass, in milliseconds. One pass then does the work of all pokes
   * meanwhile. Default 0: a poke runs at once.
   */
  readonly gatherMs?: number;
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
  #nextTurn: NodeJS.Immediate | undefined;
  /** The scheduled pass comes no later than that of a poke would. */
  #isDueSoon = false;
  #isPoked = false;

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
    this.#unschedule();
    this.#stopped.abort();
    // The caller that started the pass reports its failure.
    await this.#current?.catch(() => undefined);
  }

  /** Requests a pass soon: when idle after `gatherMs`, otherwise so long after the running pass. */
  poke(): void {
    if (!this.#isStarted) return;
    this.#isPoked = true;
    if (this.#current === undefined && !this.#isDueSoon) this.#schedule(this.#gatherMs);
  }

  get #gatherMs(): number {
    return this.#options.gatherMs ?? 0;
  }

  /** Without a delay on the next turn of the event loop: a timer waits for a millisecond. */
  #schedule(delayMs: number): void {
    this.#unschedule();
    this.#isDueSoon = delayMs <= this.#gatherMs;
    const tick = () => void this.#tick(this.#stopped.signal);
    if (delayMs === 0) this.#nextTurn = setImmediate(tick);
    else this.#timer = setTimeout(tick, delayMs);
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#nextTurn);
  }

  async #tick(stopped: AbortSignal): Promise<void> {
    this.#isDueSoon = false;
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
    else this.#schedule(this.#isPoked ? this.#gatherMs : this.#pauseMs());
  }

  #pauseMs(): number {
    const { everyMs, jitter = 0 } = this.#options;
    return everyMs * (1 + jitter * (2 * Math.random() - 1));
  }
}
