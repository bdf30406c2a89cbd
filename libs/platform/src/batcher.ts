// Combines single calls into batches. While fewer than `maxConcurrent` batches are in flight, a
// call leaves on the next turn of the event loop. While all are busy, calls gather and leave
// together. When idle, the batcher adds microseconds; under load, batches grow to what the other
// side can take, and `apartMs` lets them grow a little further.
import { setImmediate as nextTurn } from 'node:timers';
import { InvariantViolation, Unavailable } from './faults.js';

/** The work of a batcher, and its limits. */
export interface BatcherOptions<I, O> {
  /**
   * Handles the inputs together and returns one output per input, in the same order. It must be
   * all-or-nothing: a rejection means that nothing happened for any input, because each of them may
   * run again alone.
   */
  readonly run: (inputs: readonly I[]) => Promise<readonly O[]>;
  /** The most inputs for one call of `run`. */
  readonly maxBatch: number;
  /** The most calls of `run` in flight at once. */
  readonly maxConcurrent: number;
  /**
   * Shortest time between the starts of two calls of `run` while calls arrive together, in
   * milliseconds. A full batch does not wait, and neither does a call that follows a batch of one,
   * so single calls are never delayed. Default 0.
   */
  readonly apartMs?: number;
  /**
   * True to run a failed batch again input by input, so that one bad input cannot fail the others.
   * A function decides by the error and the number of inputs in the failed call. It returns false
   * for errors that would fail each input alone as well, such as a lost connection. The batcher
   * asks it again when a single input fails: false rejects the rest with the same error. Default
   * true.
   */
  readonly isolateFailures?: boolean | ((error: unknown, size: number) => boolean);
  /**
   * Longest time that an input waits for its turn, in milliseconds. Then it is rejected with {@link
   * Unavailable}, and nothing has happened for it. Default: no limit.
   */
  readonly waitMs?: number;
}

interface Pending<I, O> {
  readonly input: I;
  readonly since: number;
  readonly resolve: (output: O) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches concurrent calls. */
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

  /** Resolves with the output of this input; rejects with its own failure. */
  submit(input: I): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      this.#pending.push({ input, since: performance.now(), resolve, reject });
      this.#watchOldest();
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing is in flight. Used for a graceful stop. */
  idle(): Promise<void> {
    if (this.#inFlight === 0 && this.#pending.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** One timer for all inputs: the oldest is first. */
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
      reject(
        new Unavailable('unavailable', 'The request waited too long for its turn. Send it again.'),
      );
    this.#watchOldest();
    if (this.#pending.length === 0) this.#wakeWhenIdle();
  }

  /**
   * Waits for a turn of the event loop instead of a microtask, so that requests read in the same
   * poll of the sockets share a batch.
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

  /** Runs in the failed batch's slot, so that `maxConcurrent` holds. */
  async #settleOneByOne(batch: readonly Pending<I, O>[]): Promise<void> {
    for (const [at, entry] of batch.entries()) {
      try {
        await this.#settle([entry]);
      } catch (error) {
        entry.reject(error);
        if (this.#shouldIsolate(error, 1)) continue;
        // The other side is unavailable, so each of the others would wait for the same error.
        for (const { reject } of batch.slice(at + 1)) reject(error);
        return;
      }
    }
  }

  #shouldIsolate(error: unknown, size: number): boolean {
    // A run that returned a wrong number of outputs did its work. Running it again would repeat the
    // work.
    if (error instanceof InvariantViolation) return false;
    const { isolateFailures = true } = this.#options;
    return typeof isolateFailures === 'function' ? isolateFailures(error, size) : isolateFailures;
  }
}
