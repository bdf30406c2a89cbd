// Turns many single calls into few calls for many: while fewer than `maxConcurrent` batches are in
// flight a call leaves on the next turn of the event loop; while all are busy, calls gather and
// leave together. Idle, it adds microseconds; under load, batches grow by themselves to what the
// far side can take, and `apartMs` lets them grow a little further.
import { setImmediate as nextTurn } from 'node:timers';
import { InvariantViolation, Unavailable } from './faults.js';

/** How a batcher works. */
export interface BatcherOptions<I, O> {
  /**
   * Handles the inputs together and returns one output per input, in the same order. It must be
   * all-or-nothing: when it rejects, nothing may have happened for any input, because each of them
   * may be run again alone.
   */
  readonly run: (inputs: readonly I[]) => Promise<readonly O[]>;
  /** The most inputs one call of `run` gets. */
  readonly maxBatch: number;
  /** The most calls of `run` in flight at once. */
  readonly maxConcurrent: number;
  /**
   * Shortest time from the start of one call of `run` to the start of the next while calls come
   * together, in milliseconds. A full batch does not wait, and neither does whoever comes after a
   * batch of one: where calls come singly, none is held up. Default 0.
   */
  readonly apartMs?: number;
  /**
   * Whether a failed batch is run again input by input, so that one poisoned input cannot fail its
   * neighbours. A function decides by the error, and is given how many inputs the failed call had:
   * answer false for errors that would fail each alone as well (connection lost). Asked again of a
   * single one that failed: false ends the rest with the same error. Default true.
   */
  readonly isolateFailures?: boolean | ((error: unknown, size: number) => boolean);
  /**
   * Longest time an input waits for its turn, in milliseconds; then it is rejected with {@link
   * Unavailable}, and nothing has happened for it. Default: without end.
   */
  readonly waitMs?: number;
}

interface Pending<I, O> {
  readonly input: I;
  readonly since: number;
  readonly resolve: (output: O) => void;
  readonly reject: (error: unknown) => void;
}

/** Dynamic batching of calls; see the top of this file. */
export class Batcher<I, O> {
  readonly #options: BatcherOptions<I, O>;
  #pending: Pending<I, O>[] = [];
  #inFlight = 0;
  #isScheduled = false;
  #gathering: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #lastStart = -Infinity;
  #lastSize = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: BatcherOptions<I, O>) {
    this.#options = options;
  }

  /** Resolves with this input's own output; rejects with its own failure. */
  submit(input: I): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      this.#pending.push({ input, since: performance.now(), resolve, reject });
      this.#watchOldest();
      this.#schedule();
    });
  }

  /** Resolves when nothing is waiting and nothing is in flight. For an orderly stop. */
  idle(): Promise<void> {
    if (this.#inFlight === 0 && this.#pending.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** One timer for all: the oldest is first. */
  #watchOldest(): void {
    const { waitMs } = this.#options;
    const [oldest] = this.#pending;
    if (waitMs === undefined || oldest === undefined || this.#expiry) return;
    const endsIn = oldest.since + waitMs - performance.now();
    this.#expiry = setTimeout(() => this.#expire(waitMs), Math.max(0, endsIn));
    this.#expiry.unref();
  }

  #expire(waitMs: number): void {
    this.#expiry = undefined;
    const latest = performance.now() - waitMs;
    const inTime = this.#pending.findIndex(({ since }) => since > latest);
    const late = this.#pending.splice(0, inTime === -1 ? this.#pending.length : inTime);
    for (const { reject } of late)
      reject(new Unavailable('unavailable', 'It was not its turn in time. Send it again.'));
    this.#watchOldest();
    if (this.#pending.length === 0) this.#wakeWhenIdle();
  }

  /**
   * A turn of the event loop, not a microtask: requests read in the same poll of the sockets share
   * a batch.
   */
  #schedule(): void {
    if (this.#inFlight >= this.#options.maxConcurrent) return;
    const waitMs = this.#gatherMs();
    if (waitMs > 0) {
      this.#gathering ??= setTimeout(() => this.#launch(), waitMs);
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    nextTurn(() => this.#launch());
  }

  #gatherMs(): number {
    const { apartMs = 0, maxBatch } = this.#options;
    if (this.#lastSize <= 1 || this.#pending.length >= maxBatch) return 0;
    return this.#lastStart + apartMs - performance.now();
  }

  #launch(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#isScheduled = false;
    const { maxBatch, maxConcurrent } = this.#options;
    while (this.#pending.length > 0 && this.#inFlight < maxConcurrent) {
      void this.#runBatch(this.#pending.splice(0, maxBatch));
    }
  }

  async #runBatch(batch: readonly Pending<I, O>[]): Promise<void> {
    this.#inFlight += 1;
    this.#lastStart = performance.now();
    this.#lastSize = batch.length;
    try {
      await this.#settle(batch);
    } catch (error) {
      if (batch.length > 1 && this.#shouldIsolate(error, batch.length))
        await this.#settleOneByOne(batch);
      else for (const { reject } of batch) reject(error);
    } finally {
      this.#inFlight -= 1;
      if (this.#pending.length > 0) this.#schedule();
      else this.#wakeWhenIdle();
    }
  }

  #wakeWhenIdle(): void {
    if (this.#inFlight > 0) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  async #settle(batch: readonly Pending<I, O>[]): Promise<void> {
    const outputs = await this.#options.run(batch.map(({ input }) => input));
    if (outputs.length !== batch.length) {
      throw new InvariantViolation(
        'batch_length_mismatch',
        `a batch of ${batch.length} inputs returned ${outputs.length} outputs`,
      );
    }
    batch.forEach(({ resolve }, index) => resolve(outputs[index] as O));
  }

  /** In the failed batch's own slot, so that `maxConcurrent` holds. */
  async #settleOneByOne(batch: readonly Pending<I, O>[]): Promise<void> {
    for (const [at, entry] of batch.entries()) {
      try {
        await this.#settle([entry]);
      } catch (error) {
        entry.reject(error);
        if (this.#shouldIsolate(error, 1)) continue;
        // The far side is gone: the others would each wait to hear the same.
        for (const { reject } of batch.slice(at + 1)) reject(error);
        return;
      }
    }
  }

  #shouldIsolate(error: unknown, size: number): boolean {
    // A wrong number of outputs came from a run that did its work: running it again would do it
    // twice.
    if (error instanceof InvariantViolation) return false;
    const { isolateFailures = true } = this.#options;
    return typeof isolateFailures === 'function' ? isolateFailures(error, size) : isolateFailures;
  }
}
