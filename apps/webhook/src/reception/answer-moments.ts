// When a callback is answered. A right token costs a look-up, a decryption and a commit, a wrong one nothing; the moment of the
// answer must not tell which it was (docs/adr/0017). So everybody waits equally long, counted from when the body was there: a
// grid on the clock would let a caller who times the end of a request see on which side of a line the work ended.
import { setTimeout as pause } from 'node:timers/promises';

/** How long everybody goes on waiting as long as one callback had to. */
const REMEMBERED_MS = 60_000;
/** A payer waits behind the gateway, which waits for us: nobody is held longer. What takes longer is answered when it is done. */
const LONGEST_MS = 1_000;

/** The moment of every answer of one process. */
export class AnswerMoments {
  #raisedTo = 0;
  #raisedUntil = 0;

  /** `afterMs`: how long everybody waits for the answer, from the end of the request; 0 holds nothing back. */
  constructor(private readonly afterMs: number) {}

  /**
   * Settles as `work` does, but only when everybody's time is over. Work that takes longer ends at the next multiple of it, and
   * raises the wait of all callers to that for a minute: while Postgres is slow, its slowness tells nothing either.
   */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const waitMs = startedAt < this.#raisedUntil ? this.#raisedTo : this.afterMs;
    let isOver = false;
    // Set before the work begins, so that what the work does in this turn cannot move it.
    const time = waitMs > 0 ? pause(waitMs).then(() => (isOver = true)) : undefined;
    const done = Promise.allSettled([work()]);
    const [result] = await done;
    if (isOver) await this.#untilNextMultiple(startedAt);
    else await time;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  async #untilNextMultiple(startedAt: number): Promise<void> {
    const now = performance.now();
    const heldMs = Math.ceil((now - startedAt) / this.afterMs) * this.afterMs;
    const isLonger = now >= this.#raisedUntil || heldMs > this.#raisedTo;
    if (isLonger) this.#raisedTo = Math.min(heldMs, LONGEST_MS);
    this.#raisedUntil = now + REMEMBERED_MS;
    if (heldMs <= LONGEST_MS) await pause(startedAt + heldMs - now);
  }
}
