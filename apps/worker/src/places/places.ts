// Places for calls to gateways, shared by terminals so that one whose gateway is silent cannot hold
// them all. A terminal takes a place only while it has fewer than are free: alone it gets half of
// them, and each that hangs leaves as many free as it holds itself. What is over a terminal's share
// gives its job back at once and comes again about when a place should be free.
import { Unavailable } from '@quittance/platform';

export interface PlacesOptions {
  /** All places, of which one terminal gets half at most. */
  readonly count: number;
  /** Told how many are taken, whenever that changes. */
  readonly onChange?: (inUse: number) => void;
  /** Told of each step that is put off. */
  readonly onPutOff?: () => void;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/**
 * A place that is free again this soon is waited for; giving the job back and taking it again costs
 * as much.
 */
const WAITED_FOR_MS = 100;
/** A gateway that answers again is tried this soon at the earliest. */
const BACK_AFTER_MS = 250;
/**
 * So far ahead a terminal's calls are planned one after the other, as fast as it has been
 * answering.
 */
const PLANNED_MS = 30_000;
/**
 * Beyond that they follow each other this closely: few enough to be put off again at no cost, and a
 * backlog is soon through when all is well.
 */
const CROWDED_MS = 10;
/** What the last call weighs in how long a terminal's calls take. */
const NEWEST_WEIGHS = 0.2;

/** A call that holds a place. */
interface Begun {
  readonly at: number;
}

/** What one terminal has under way. */
interface Load {
  /** Oldest first. */
  readonly begun: Set<Begun>;
  /** Steps that wait for a place, in order; each gets its place, or the refusal of one. */
  readonly waiting: Set<(begun: Begun | undefined) => void>;
  /** How long its calls have taken of late. */
  callMs: number;
  /** Until when its steps that were put off are planned. */
  plannedUntil: number;
}

export class Places {
  readonly #options: PlacesOptions;
  readonly #now: () => number;
  readonly #loads = new Map<string, Load>();
  /** Those of {@link #loads} for which something waits. */
  readonly #crowded = new Set<Load>();
  #inUse = 0;

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Places that are taken. */
  get inUse(): number {
    return this.#inUse;
  }

  /**
   * Runs `call` on a place of the terminal's. Throws Unavailable `no_place`, with when to come
   * back, where the terminal has its share already and none will be free in a moment; then `call`
   * was not run.
   */
  async hold<T>(terminalId: string, call: () => Promise<T>): Promise<T> {
    const load = this.#loadOf(terminalId);
    const isFree = load.waiting.size === 0 && this.#mayTake(load);
    const begun = isFree ? this.#take(load) : await this.#wait(load);
    if (!begun) throw this.#putOff(load);
    try {
      return await call();
    } finally {
      this.#giveBack(load, begun);
    }
  }

  #loadOf(terminalId: string): Load {
    const known = this.#loads.get(terminalId);
    if (known) return known;
    const load: Load = { begun: new Set(), waiting: new Set(), callMs: 0, plannedUntil: 0 };
    this.#loads.set(terminalId, load);
    return load;
  }

  #take(load: Load): Begun {
    const begun = { at: this.#now() };
    load.begun.add(begun);
    this.#change(1);
    return begun;
  }

  #giveBack(load: Load, begun: Begun): void {
    load.begun.delete(begun);
    const tookMs = this.#now() - begun.at;
    load.callMs += (tookMs - load.callMs) * (load.callMs === 0 ? 1 : NEWEST_WEIGHS);
    this.#change(-1);
    this.#wake();
  }

  #mayTake({ begun }: Load): boolean {
    return begun.size < this.#options.count - this.#inUse;
  }

  #change(by: 1 | -1): void {
    this.#inUse += by;
    this.#options.onChange?.(this.#inUse);
  }

  /**
   * How often the terminal gives a place back: what it holds, by how long its calls take or have
   * been taking already.
   */
  #everyMs({ begun, callMs }: Load): number {
    const [oldest] = begun;
    const openForMs = oldest ? this.#now() - oldest.at : 0;
    return Math.max(callMs, openForMs, 1) / Math.max(begun.size, 1);
  }

  /** A place that the terminal is given within a moment. */
  async #wait(load: Load): Promise<Begun | undefined> {
    const isSoon = (load.waiting.size + 1) * this.#everyMs(load) <= WAITED_FOR_MS;
    if (!isSoon) return undefined;
    return new Promise((resolve) => {
      const settle = (begun: Begun | undefined): void => {
        clearTimeout(timer);
        load.waiting.delete(settle);
        if (load.waiting.size === 0) this.#crowded.delete(load);
        resolve(begun);
      };
      const timer = setTimeout(() => settle(undefined), WAITED_FOR_MS);
      load.waiting.add(settle);
      this.#crowded.add(load);
    });
  }

  /**
   * Hands places that are free to those that wait and may have them, the terminals taking turns.
   */
  #wake(): void {
    for (const load of this.#crowded) {
      const [next] = load.waiting;
      if (!next || !this.#mayTake(load)) continue;
      this.#crowded.delete(load);
      next(this.#take(load));
      // Behind the others, and looked at again by this loop.
      if (load.waiting.size > 0) this.#crowded.add(load);
    }
  }

  #putOff(load: Load): Unavailable {
    const now = this.#now();
    const everyMs = Math.min(this.#everyMs(load), PLANNED_MS);
    const from = Math.max(load.plannedUntil, now + BACK_AFTER_MS);
    const isFar = from - now > PLANNED_MS;
    load.plannedUntil = from + (isFar ? Math.min(everyMs, CROWDED_MS) : everyMs);
    this.#options.onPutOff?.();
    const message = 'The terminal has its share of the places. Nothing was sent.';
    return new Unavailable('no_place', message, { retryAfterSeconds: (from - now) / 1_000 });
  }
}
