// Times the responses to callbacks. A valid token costs a look-up, a decryption and a commit, an
// invalid one nothing; the time of the response must not reveal which it was (docs/adr/0017). So
// responses leave on ticks, counted from the arrival of the body. Ticks of a global clock would let
// a caller who times the end of a request see on which side of a tick the work ended.
import { setTimeout as pause } from 'node:timers/promises';

/** The number of recent waits from which a request without work draws its own. */
const REMEMBERED_MAX = 16;
/** The age beyond which a wait no longer shows how long work takes. */
const REMEMBERED_MS = 60_000;

interface Wait {
  readonly ticks: number;
  readonly endedAt: number;
}

/** The timing of every callback response of one process. */
export class ResponseTicks {
  #waits: Wait[] = [];

  /**
   * `tickMs` is the time from the end of a request to its first tick, and from tick to tick, in
   * milliseconds; 0 delays nothing. `pauseFor` is the clock.
   */
  constructor(
    private readonly tickMs: number,
    private readonly pauseFor: (ms: number) => Promise<unknown> = pause,
  ) {}

  /**
   * Settles on a tick with the result of `admit`. If `admit` returns a promise, that is work, and
   * its result leaves on the first tick after it settles. Any other result was known at once and
   * leaves after as many ticks as recent work took: while Postgres is slow, requests with invalid
   * tokens wait as long as those with valid ones, and requests with work wait only for their own.
   */
  async hold<T>(admit: () => T | Promise<T>): Promise<T> {
    if (this.tickMs === 0) return admit();
    // Started before the work, so that the work's first turn of the event loop cannot delay it.
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
