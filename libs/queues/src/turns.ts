// Turns within a queue. Merchants are served by turns, so that one with a hundred thousand jobs
// does not delay the next one with a single job. This is start-time fair queueing (Goyal, Vin and
// Cheng, SIGCOMM 1996): each job gets the number of the round in which it is served, and a merchant
// has one job in each round. The number is the job's priority, so Redis does the sorting.

/** The largest priority that BullMQ accepts; the smallest one is served first. */
export const ROUND_MAX = 2 ** 21 - 1;

/**
 * The time over which the largest round at the head of the queue is the present one. Jobs that were
 * delayed return to the head with the round they had, and must not pass for the present one.
 */
const HEADS_LAST_MS = 1_000;

interface Head {
  readonly round: number;
  readonly atMs: number;
}

/**
 * Assigns the rounds of one queue, for the jobs that one process adds. The state may be lost or
 * stale at any time: then a merchant is served a little earlier or later than its turn.
 */
export class Turns {
  #present = 1;
  #heads: readonly Head[] = [];
  /** The next free round of each merchant that has one later than the present. */
  readonly #next = new Map<string, number>();

  /**
   * Learns the round of the first waiting job, `undefined` when none waits. `atMs` is a monotonic
   * time.
   */
  observe(round: number | undefined, atMs: number): void {
    if (round === undefined) {
      this.#restart(1);
      this.#heads = [];
      return;
    }
    const recent = this.#heads.filter((head) => atMs - head.atMs < HEADS_LAST_MS);
    this.#heads = [...recent, { round, atMs }];
    const present = Math.max(1, ...this.#heads.map((head) => head.round));
    // Another process has found the queue empty and started at the first round again.
    if (present < this.#present) this.#restart(present);
    this.#present = present;
    for (const [merchant, next] of this.#next) if (next <= present) this.#next.delete(merchant);
  }

  /**
   * Returns the round of a merchant's next job, from 1 to {@link ROUND_MAX}. At the maximum the
   * jobs of all merchants are served in the order of their arrival.
   */
  take(merchantId: string): number {
    const round = Math.max(this.#present, this.#next.get(merchantId) ?? 0);
    this.#next.set(merchantId, round + 1);
    return Math.min(round, ROUND_MAX);
  }

  /** The number of merchants with a round later than the present. */
  get size(): number {
    return this.#next.size;
  }

  #restart(present: number): void {
    this.#present = present;
    this.#next.clear();
  }
}
