// Limits concurrent calls to gateways, so that a terminal whose gateway does not reply cannot use
// up all of them. A place is the right to have one call in flight. A terminal takes a place only
// while it has fewer than are free: alone it gets half of them, and a terminal whose calls hang
// leaves as many free as it holds. A job over its terminal's share is delayed until about the time
// when a place should be free.
import { Unavailable } from '@quittance/platform';
import { PutOffPace } from './put-off-pace.js';

/** Holds steps back until their turn to be put off. */
export type Pace = Pick<PutOffPace, 'turn' | 'hurry'>;

/** The options of {@link Places}. */
export interface PlacesOptions {
  /** The number of places. One terminal gets at most half of them. */
  readonly count: number;
  /** Receives the number of places in use whenever it changes. */
  readonly onChange?: (inUse: number) => void;
  /** Called for each step that is put off. */
  readonly onPutOff?: () => void;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
  /** Spaces the steps that are put off. */
  readonly pace?: Pace;
}

/** The longest wait for a place: delaying the job and taking it again costs as much. */
const WAIT_MAX_MS = 100;
/**
 * The longest wait while a terminal frees its places so often that every slot of the worker may
 * wait for one: a slot is then free for another terminal's job within {@link OFTEN_MS}.
 */
const WAIT_WHILE_OFTEN_MS = 1_000;
const OFTEN_MS = 10;
/** The shortest delay of a step that is put off. */
const DELAY_MIN_MS = 250;
/**
 * Steps that come back for each place that should become free. With one, a step that comes a moment
 * too early, or to a worker without a free place, leaves a place unused.
 */
const RETURNS_PER_PLACE = 2;
/** The horizon within which a terminal's delayed calls are spaced by its recent response times. */
const HORIZON_MS = 30_000;
/**
 * The spacing beyond that horizon, of all terminals together: wide enough that putting the calls
 * off again costs little, narrow enough that a backlog is soon over once the gateway replies.
 */
const BACKLOG_SPACING_MS = 10;
/** The weight of the last call in the moving average of a terminal's call durations. */
const NEWEST_WEIGHT = 0.2;

/** A call that holds a place. */
interface HeldPlace {
  readonly at: number;
}

/** The calls and the waiting steps of one terminal. */
interface TerminalLoad {
  /** Oldest first. */
  readonly begun: Set<HeldPlace>;
  /** Steps that wait for a place, in order; each is called with its place or with `undefined`. */
  readonly waiting: Set<(begun: HeldPlace | undefined) => void>;
  /** Moving average of the duration of its calls, in milliseconds. */
  callMs: number;
  /** The time at which the next step that is put off may come back. */
  plannedUntil: number;
}

/** The places of one queue, shared by its terminals. */
export class Places {
  readonly #options: PlacesOptions;
  readonly #now: () => number;
  readonly #loads = new Map<string, TerminalLoad>();
  /** The entries of {@link #loads} with waiting steps. */
  readonly #withWaiting = new Set<TerminalLoad>();
  /** Steps of the queue that are put off for another reason take their turn here too. */
  readonly pace: Pace;
  #count: number;
  #inUse = 0;

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#count = options.count;
    this.#now = options.now ?? (() => performance.now());
    this.pace = options.pace ?? new PutOffPace();
  }

  /** Changes the number of places. Calls in flight keep theirs. */
  resize(count: number): void {
    this.#count = count;
    this.#wake();
  }

  /** The number of places. */
  get count(): number {
    return this.#count;
  }

  /** The number of places in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /**
   * Runs `call` while it holds a place for the terminal. Rejects with Unavailable `no_place` and
   * the time to come back, without having run `call`, when the terminal has its share already and
   * no place will be free in a moment.
   */
  async hold<T>(terminalId: string, call: () => Promise<T>): Promise<T> {
    const load = this.#loadOf(terminalId);
    const isFree = load.waiting.size === 0 && this.#mayTake(load);
    if (isFree) this.pace.hurry();
    const begun = isFree ? this.#take(load) : await this.#wait(load);
    if (!begun) {
      await this.pace.turn();
      throw this.#putOff(load);
    }
    try {
      return await call();
    } finally {
      this.#giveBack(load, begun);
    }
  }

  #loadOf(terminalId: string): TerminalLoad {
    const known = this.#loads.get(terminalId);
    if (known) return known;
    const load: TerminalLoad = { begun: new Set(), waiting: new Set(), callMs: 0, plannedUntil: 0 };
    this.#loads.set(terminalId, load);
    return load;
  }

  #take(load: TerminalLoad): HeldPlace {
    const begun = { at: this.#now() };
    load.begun.add(begun);
    this.#change(1);
    return begun;
  }

  #giveBack(load: TerminalLoad, begun: HeldPlace): void {
    load.begun.delete(begun);
    const tookMs = this.#now() - begun.at;
    load.callMs += (tookMs - load.callMs) * (load.callMs === 0 ? 1 : NEWEST_WEIGHT);
    this.#change(-1);
    this.#wake();
  }

  #mayTake({ begun }: TerminalLoad): boolean {
    return begun.size < this.#count - this.#inUse;
  }

  #change(by: 1 | -1): void {
    this.#inUse += by;
    this.#options.onChange?.(this.#inUse);
  }

  /**
   * Estimates the interval at which the terminal frees a place: the duration of its calls, or of
   * the oldest one in flight if that is longer, divided by the number of places it holds.
   */
  #everyMs({ begun, callMs }: TerminalLoad): number {
    const [oldest] = begun;
    const openForMs = oldest ? this.#now() - oldest.at : 0;
    return Math.max(callMs, openForMs, 1) / Math.max(begun.size, 1);
  }

  /** Waits for a place; resolves with `undefined` when none becomes free soon enough. */
  async #wait(load: TerminalLoad): Promise<HeldPlace | undefined> {
    const everyMs = this.#everyMs(load);
    // Before its first call has ended, nothing says how often.
    const isOften = load.callMs > 0 && load.begun.size > 0 && everyMs <= OFTEN_MS;
    const limitMs = isOften ? WAIT_WHILE_OFTEN_MS : WAIT_MAX_MS;
    if ((load.waiting.size + 1) * everyMs > limitMs) return undefined;
    return new Promise((resolve) => {
      const settle = (begun: HeldPlace | undefined): void => {
        clearTimeout(timer);
        load.waiting.delete(settle);
        if (load.waiting.size === 0) this.#withWaiting.delete(load);
        resolve(begun);
      };
      const timer = setTimeout(() => settle(undefined), limitMs);
      load.waiting.add(settle);
      this.#withWaiting.add(load);
    });
  }

  /** Hands free places to waiting steps that may take one; terminals take turns. */
  #wake(): void {
    for (const load of this.#withWaiting) {
      const [next] = load.waiting;
      if (!next || !this.#mayTake(load)) continue;
      this.#withWaiting.delete(load);
      next(this.#take(load));
      // Last in the set's order, so that this loop visits it again after the others.
      if (load.waiting.size > 0) this.#withWaiting.add(load);
    }
  }

  #putOff(load: TerminalLoad): Unavailable {
    const now = this.#now();
    const everyMs = Math.min(this.#everyMs(load) / RETURNS_PER_PLACE, HORIZON_MS);
    const from = Math.max(load.plannedUntil, now + DELAY_MIN_MS);
    const isFar = (plannedUntil: number) => plannedUntil - now > HORIZON_MS;
    const backlogs = [...this.#loads.values()].filter((one) => isFar(one.plannedUntil)).length;
    const spacingMs = BACKLOG_SPACING_MS * Math.max(backlogs, 1);
    load.plannedUntil = from + (isFar(from) ? Math.min(everyMs, spacingMs) : everyMs);
    this.#options.onPutOff?.();
    const message = 'The terminal has its share of the places. Nothing was sent.';
    return new Unavailable('no_place', message, { retryAfterSeconds: (from - now) / 1_000 });
  }
}
