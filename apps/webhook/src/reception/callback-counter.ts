// Counts callbacks by verdict.
import { Injectable } from '@nestjs/common';
import { Metrics } from '@quittance/platform';
import { RECEPTION_RESULTS } from './callback-reception.js';

/**
 * The values of the label `verdict`. `bad_token` and `other_source` count callbacks that were not
 * read; `kept` (buffered), `refused` and `set_aside` count those that found Postgres unavailable.
 */
const VERDICTS = [
  ...RECEPTION_RESULTS,
  'bad_token',
  'other_source',
  'kept',
  'refused',
  'set_aside',
] as const;
export type CallbackVerdict = (typeof VERDICTS)[number];

@Injectable()
export class CallbackCounter {
  readonly #callbacks;

  constructor(metrics: Metrics) {
    this.#callbacks = metrics.counter({
      name: 'callbacks_total',
      help: 'Callbacks of the gateway, by verdict.',
      labels: { verdict: VERDICTS },
    });
  }

  count(verdict: CallbackVerdict, callbacks = 1): void {
    this.#callbacks.inc({ verdict }, callbacks);
  }
}
