// Work that is done again and again: one pass is `runOnce()`, which is what tests call; the loop
// around it only ticks, logs and stops. Passes never overlap. A failed pass is tried again at the
// next tick, and logged once per cause until a pass works again.
import type { Logger } from './logging.js';
import { OutageLog } from './outage-log.js';

/** How a periodic task works. */
export interface PeriodicTaskOptions {
  /** Names the task in the log, e.g. `outbox sweeper`. */
  readonly name: string;
  /** Pause between the end of a pass and the start of the next, in milliseconds. */
  readonly everyMs: number;
  /**
   * Share of `everyMs` (0 to 1) by which a pause varies up and down, so that several processes
   * spread out. Default 0.
   */
  readonly jitter?: number;
  /**
   * Shortest time from the start of one pass to the start of the next that a poke asks for, in
   * milliseconds, asked for each poke: under load, one pass does the work of many. Default 0: a
   * poke is answered at once.
   */
  readonly apartMs?: () => number;
  /**
   * Whether the first pass waits for a pause, as one that judges what others do should. Default
   * false: at once.
   */
  readonly startsLater?: boolean;
  /**
   * One pass. Resolves with `'again'` when more work is waiting: the next pass follows without a
   * pause.
   */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  readonly log: Logger;
}

/** A loop around one pass; see the top of this file. */
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
   * One pass now, or the one that is running. Rejects when the pass fails; the loop itself logs
   * instead.
   */
  runOnce(): Promise<unknown> {
    this.#current ??= this.#pass();
    return this.#current;
  }

  async #pass(): Promise<unknown> {
    this.#lastStart = performance.now();
    try {
      // Returned awaited, so that the pass counts as running until it has settled.
      return await this.#options.run(this.#stopped.signal);
    } finally {
      this.#current = undefined;
    }
  }

  /** Starts the loop. Starting twice changes nothing. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#stopped = new AbortController();
    this.#schedule(this.#options.startsLater ? this.#pauseMs() : 0);
  }

  /** Ends the loop: tells the running pass through its signal and resolves once it has ended. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#isPoked = false;
    clearTimeout(this.#timer);
    this.#stopped.abort();
    // Its failure, if any, is reported by whoever started the pass.
    await this.#current?.catch(() => undefined);
  }

  /** Asks for a pass soon: at once when idle, once more right after the running pass otherwise. */
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
    // A stop, or a stop and a new start, while the pass ran: this loop is over.
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
