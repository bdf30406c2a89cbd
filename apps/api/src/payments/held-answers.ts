// Holding an answer until a record has got somewhere. An announcement over Redis wakes the wait; Postgres, looked at then and
// once a second anyway, says whether it is over.
import type { ChangeSignal } from '@quittance/queues';

/** Worst delay when the announcement is lost: short for a person at a checkout, cheap for Postgres. */
const LOOK_EVERY_MS = 1_000;

/** What to wait for. */
export interface AwaitOptions<T> {
  /** Whether the record has got where the caller wants it. */
  readonly until: (record: T) => boolean;
  readonly seconds: number;
  /** Resolves when nobody waits for the answer any more. */
  readonly hungUp: Promise<void>;
}

/** What a look finds; `undefined` leaves the record as it was known. */
export type Look<T> = (id: string) => Promise<T | undefined>;

export class HeldAnswers<T extends { readonly id: string }> {
  readonly #look: Look<T>;
  readonly #changes: ChangeSignal;
  readonly #waits = new Set<AbortController>();

  constructor(look: Look<T>, changes: ChangeSignal) {
    this.#look = look;
    this.#changes = changes;
  }

  /** How many answers are being held. */
  get held(): number {
    return this.#waits.size;
  }

  /** The record as soon as `until` holds for it, or as it is when the time is up or the client is gone. */
  async awaitChange(record: T, { until, seconds, hungUp }: AwaitOptions<T>): Promise<T> {
    const wait = new AbortController();
    this.#waits.add(wait);
    const timer = setTimeout(() => wait.abort(), seconds * 1000);
    void hungUp.then(() => wait.abort());
    try {
      return await this.#watch(record, until, wait.signal);
    } finally {
      clearTimeout(timer);
      wait.abort();
      this.#waits.delete(wait);
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
