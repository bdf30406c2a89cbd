// Counts callbacks by verdict.
import { Injectable } from '@nestjs/common';
import { Metrics } from '@quittance/platform';
import type { ReceptionResult } from './callback-reception.js';

/**
 * `bad_token` and `other_source` were not looked at; `kept`, `refused` and `set_aside` met a
 * Postgres that was unavailable.
 */
export type CallbackVerdict =
  ReceptionResult | 'bad_token' | 'other_source' | 'kept' | 'refused' | 'set_aside';

@Injectable()
export class CallbackCounter {
  readonly #callbacks;

  constructor(metrics: Metrics) {
    this.#callbacks = metrics.counter({
      name: 'callbacks_total',
      help: 'Callbacks of the gateway by what became of them.',
      labels: ['verdict'],
    });
  }

  count(verdict: CallbackVerdict, callbacks = 1): void {
    this.#callbacks.inc({ verdict }, callbacks);
  }
}
