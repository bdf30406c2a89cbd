// The worker's places by what they are for, as the queues are: submissions in each lane, inquiries, the watch over ended payments, refunds. Counted for the operator, who sees a silent gateway in
// them before it is felt; never by terminal, of which there are many.
import type { Metrics } from '@quittance/platform';
import { Places } from './places.js';

export interface WorkerPlaces {
  /** Of a lane; lanes share nothing. */
  readonly submissions: (lane: string) => Places;
  readonly inquiries: Places;
  /** Over payments that have ended. */
  readonly watch: Places;
  readonly refunds: Places;
}

/** How many places of each kind. */
export interface PlaceCounts {
  /** In each lane. */
  readonly submissions: number;
  readonly inquiries: number;
  readonly watch: number;
  readonly refunds: number;
}

export function openPlaces(counts: PlaceCounts, metrics: Metrics): WorkerPlaces {
  const inUse = metrics.gauge({
    name: 'places_in_use',
    help: 'Calls to gateways under way, by the queue of their jobs.',
    labels: ['queue'],
  });
  const putOff = metrics.counter({
    name: 'steps_put_off_total',
    help: 'Jobs given back because their terminal had its share of the places, by queue.',
    labels: ['queue'],
  });
  const open = (queue: string, count: number): Places =>
    new Places({
      count,
      onChange: (taken) => inUse.set({ queue }, taken),
      onPutOff: () => putOff.inc({ queue }),
    });
  const lanes = new Map<string, Places>();
  return {
    submissions: (lane) => {
      const known = lanes.get(lane) ?? open(`submission-${lane}`, counts.submissions);
      lanes.set(lane, known);
      return known;
    },
    inquiries: open('inquiry', counts.inquiries),
    watch: open('watch', counts.watch),
    refunds: open('refund', counts.refunds),
  };
}
