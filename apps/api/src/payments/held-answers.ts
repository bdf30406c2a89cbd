// Holding an answer until a record has got somewhere. An announcement over Redis wakes the wait; Postgres, looked at then and
// once a second anyway, says whether it is over.
import type { ChangeSignal } from '@quittance/queues';
import type { HoldingPlaces } from './holding-places.js';

/** Worst delay when the announcement is lost: short for a person at a checkout, cheap for Postgres. */
const LOOK_EVERY_MS = 1_000;

/** What to wait for. */
export interface AwaitOptions<T> {
  /** Whether the record has got where the caller wants it. */
  readonly until: (record: T) => boolean;
  readonly seconds: number;
  /** Resolves when nobody waits for the answer any more. */
  readonly hungUp: Promise<void>;
  /** The API key that asks: one key cannot take all places. */
  readonly keyId: string;
}

/** The record when the wait was over; not held when there was no place for it. */
export interface Held<T> {
  readonly record: T;
  readonly isHeld: boolean;
}

/** What a look finds; `undefined` leaves the record as it was known. */
export type Look<T> = (id: string) => Promise<T | undefined>;

export class HeldAnswers<T extends { readonly id: string }> {
  readonly #look: Look<T>;
  readonly #changes: ChangeSignal;
  readonly #places: HoldingPlaces;
  readonly #waits = new Set<AbortController>();

  /** `changes` announces changes, and `places` says how many may wait. */
  constructor(look: Look<T>, changes: ChangeSignal, places: HoldingPlaces) {
    this.#look = look;
    this.#changes = changes;
    this.#places = places;
  }

  /** How many answers are being held. */
  get held(): number {
    return this.#waits.size;
  }

  /** The record as soon as `until` holds for it, or as it is when the time is up, the client is gone or no place is free. */
  async awaitChange(record: T, options: AwaitOptions<T>): Promise<Held<T>> {
    const giveBack = this.#places.take(options.keyId);
    if (!giveBack) return { record, isHeld: false };
    const wait = new AbortController();
    this.#waits.add(wait);
    const timer = setTimeout(() => wait.abort(), options.seconds * 1000);
    void options.hungUp.then(() => wait.abort());
    try {
      return { record: await this.#watch(record, options.until, wait.signal), isHeld: true };
    } finally {
      clearTimeout(timer);
      wait.abort();
      this.#waits.delete(wait);
      giveBack();
    }
  }

  /** Ends every wait: the process is about to stop. */
  stop(): void {
    for (const wait of this.#waits) wait.abort();
  }

  async #watch(record: T, until: AwaitOptions<T>['until'], signal: AbortSignal): Promise<T> {
    let current = record;
    let change = this.#changes.waitFor(record.id, LOOK_EVERY_MS, signal);
    while (!until(current) && !signal.aborted) {
      await change;
      // Listening again before looking: what happens during the look is heard.
      change = this.#changes.waitFor(record.id, LOOK_EVERY_MS, signal);
      current = (await this.#look(record.id)) ?? current;
    }
    return current;
  }
}
