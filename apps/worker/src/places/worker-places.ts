// The worker's places, one set per queue. Metrics count them by queue, so that an operator sees
// early that a gateway does not reply. They do not count by terminal, because there are many.
import { Injectable } from '@nestjs/common';
import { Metrics } from '@quittance/platform';
import { JobSettings } from '../config.js';
import { Places } from './places.js';

@Injectable()
export class WorkerPlaces {
  readonly inquiries: Places;
  /** For inquiries about ended payments. */
  readonly watch: Places;
  readonly refunds: Places;
  readonly #open: (queue: string, count: number) => Places;
  readonly #lanes = new Map<string, Places>();

  constructor(
    private readonly settings: JobSettings,
    metrics: Metrics,
  ) {
    const inUse = metrics.gauge({
      name: 'places_in_use',
      help: 'Calls to gateways in flight, by the queue of their jobs.',
      labels: ['queue'],
    });
    const putOff = metrics.counter({
      name: 'steps_put_off_total',
      help: 'Jobs delayed because their terminal had its share of the places, by queue.',
      labels: ['queue'],
    });
    this.#open = (queue, count) => {
      putOff.inc({ queue }, 0);
      return new Places({
        count,
        onChange: (taken) => inUse.set({ queue }, taken),
        onPutOff: () => putOff.inc({ queue }),
      });
    };
    this.inquiries = this.#open('inquiry', settings.inquiries);
    this.watch = this.#open('watch', settings.watch);
    this.refunds = this.#open('refund', settings.refunds);
  }

  /** Limits the submissions of a lane below the number of its places; null removes the limit. */
  limitSubmissions(lane: string, limit: number | null): void {
    const { submissions } = this.settings;
    this.submissions(lane).resize(Math.min(submissions, limit ?? submissions));
  }

  /** Returns the places for submissions in a lane. Lanes share none. */
  submissions(lane: string): Places {
    const known =
      this.#lanes.get(lane) ?? this.#open(`submission-${lane}`, this.settings.submissions);
    this.#lanes.set(lane, known);
    return known;
  }
}
