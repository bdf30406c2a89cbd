// The pressure on a resource, from samples of a wait. A level is left only after several samples
// far below its bound, so that admission does not alternate.

/** 0: none. 1: only what can wait is put off. 2: new payments are too. */
export type Level = 0 | 1 | 2;

/** The bounds of the two levels, in the unit of the samples. */
export interface Bounds {
  readonly first: number;
  readonly second: number;
  /** The number of consecutive samples beyond a bound that enter its level. */
  readonly enterAfter: number;
}

/** The share of a bound below which its level is left. */
const LEAVE_BELOW = 0.7;
/** The number of consecutive samples that leave a level. */
const LEAVE_AFTER = 3;

/** The level of one resource. */
export class PressureLevel {
  #level: Level = 0;
  #above: [number, number] = [0, 0];
  #below: [number, number] = [0, 0];

  constructor(private readonly bounds: Bounds) {}

  get level(): Level {
    return this.#level;
  }

  /** Takes a sample and returns the level after it. */
  sample(value: number): Level {
    const { first, second } = this.bounds;
    for (const [at, bound] of [first, second].entries()) {
      this.#above[at] = value >= bound ? (this.#above[at] ?? 0) + 1 : 0;
      this.#below[at] = value < bound * LEAVE_BELOW ? (this.#below[at] ?? 0) + 1 : 0;
    }
    const [isFirst, isSecond] = [this.#holds(0), this.#holds(1)];
    this.#level = isSecond ? 2 : isFirst ? 1 : 0;
    return this.#level;
  }

  /** True when the level is entered, or was entered and is not left yet. */
  #holds(at: 0 | 1): boolean {
    if (this.#above[at] >= this.bounds.enterAfter) return true;
    return this.#level > at && this.#below[at] < LEAVE_AFTER;
  }
}
