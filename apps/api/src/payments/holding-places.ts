// How many answers may be held at once. A held answer costs a connection, memory and a look at Postgres each second; whoever
// finds no place gets the answer at once, as if it had not asked to wait: what it asked for is done and nothing is lost.
import type { Metrics } from '@quittance/platform';

/** How many, in all and for one key. */
export interface HoldingPlacesOptions {
  readonly max: number;
  readonly maxPerKey: number;
  readonly metrics: Metrics;
}

export class HoldingPlaces {
  readonly #max: number;
  readonly #maxPerKey: number;
  readonly #taken = new Map<string, number>();
  readonly #declined;
  #total = 0;

  constructor({ max, maxPerKey, metrics }: HoldingPlacesOptions) {
    this.#max = max;
    this.#maxPerKey = maxPerKey;
    metrics.gauge({
      name: 'answers_held',
      help: 'Answers held now for Prefer: wait',
      collect: (gauge) => gauge.set(this.#total),
    });
    this.#declined = metrics.counter({
      name: 'answers_not_held_total',
      help: 'Answers given at once though they were to be held, because too many were held',
    });
  }

  /** Takes a place for a key and returns what gives it back, to be called once; `undefined` when there is none. */
  take(keyId: string): (() => void) | undefined {
    const ofKey = this.#taken.get(keyId) ?? 0;
    if (this.#total >= this.#max || ofKey >= this.#maxPerKey) {
      this.#declined.inc();
      return undefined;
    }
    this.#total += 1;
    this.#taken.set(keyId, ofKey + 1);
    return () => this.#giveBack(keyId);
  }

  #giveBack(keyId: string): void {
    this.#total -= 1;
    const left = (this.#taken.get(keyId) ?? 1) - 1;
    if (left === 0) this.#taken.delete(keyId);
    else this.#taken.set(keyId, left);
  }
}
