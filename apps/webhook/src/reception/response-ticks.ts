// When a callback is answered. A right token costs a look-up, a decryption and a commit, a wrong
// one nothing; the moment of the answer must not tell which it was (docs/adr/0017). So answers
// leave on ticks, counted from when the body was there: a grid on the clock would let a caller who
// times the end of a request see on which side of a line the work ended.
import { setTimeout as pause } from 'node:timers/promises';

/** Who has nothing to do waits as long as one of the last so many who had. */
const REMEMBERED_MAX = 16;
/** Older waits say nothing about how fast the work would be now. */
const REMEMBERED_MS = 60_000;

interface Wait {
  readonly ticks: number;
  readonly endedAt: number;
}

/** The moment of every answer of one process. */
export class ResponseTicks {
  #waits: Wait[] = [];

  /**
   * `tickMs`: how long after the end of the request the first answers leave, and how far apart
   * ticks are; 0 holds nothing back. `pauseFor` is the clock.
   */
  constructor(
    private readonly tickMs: number,
    private readonly pauseFor: (ms: number) => Promise<unknown> = pause,
  ) {}

  /**
   * Settles as what `admit` returns does, on a tick. A promise is work: it is answered on the first
   * tick after its end. Whatever else is returned was known at once, and is answered after as many
   * ticks as work took lately: while Postgres is slow, the wrong tokens wait with the right ones,
   * and the right ones wait for nobody.
   */
  async hold<T>(admit: () => T | Promise<T>): Promise<T> {
    if (this.tickMs === 0) return admit();
    // Set before the work begins, so that what the work does in this turn cannot move it.
    const firstTick = this.pauseFor(this.tickMs);
    const admitted = admit();
    const isWork = admitted instanceof Promise;
    const wanted = this.#drawWait();
    let isDone = false;
    const settled = Promise.allSettled([admitted]).finally(() => (isDone = true));
    await firstTick;
    let ticks = 1;
    for (; isWork ? !isDone : ticks < wanted; ticks += 1) await this.pauseFor(this.tickMs);
    if (isWork) this.#remember(ticks);
    const [result] = await settled;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  #drawWait(): number {
    const youngest = performance.now() - REMEMBERED_MS;
    this.#waits = this.#waits.filter(({ endedAt }) => endedAt > youngest);
    return this.#waits[Math.floor(Math.random() * this.#waits.length)]?.ticks ?? 1;
  }

  #remember(ticks: number): void {
    this.#waits.push({ ticks, endedAt: performance.now() });
    if (this.#waits.length > REMEMBERED_MAX) this.#waits.shift();
  }
}
