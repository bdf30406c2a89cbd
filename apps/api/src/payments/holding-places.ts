// How many answers may be held at once. A held answer costs a connection, memory and a look at Postgres each second; whoever
// finds no place gets the answer at once, as if it had not asked to wait: what it asked for is done and nothing is lost.
import { Injectable } from '@nestjs/common';
import { Metrics } from '@quittance/platform';
import { HeldAnswerSettings } from '../config.js';

@Injectable()
export class HoldingPlaces {
  readonly #taken = new Map<string, number>();
  readonly #declined;
  #total = 0;

  constructor(
    private readonly settings: HeldAnswerSettings,
    metrics: Metrics,
  ) {
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
    const { max, maxPerKey } = this.settings;
    if (this.#total >= max || ofKey >= maxPerKey) {
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
