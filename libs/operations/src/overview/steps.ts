// Samples, step by step.
import type { Sample } from '@quittance/persistence';

/** The lanes that are shown: those with the most queued payments. */
export const LANES_MAX = 20;

/** The counts of one step, of all lanes together. */
export interface StepSums {
  readonly accepted: number;
  readonly sent: number;
  readonly ended: number;
  readonly succeeded: number;
  /** Refused by the gateway: declined or blocked. */
  readonly declined: number;
  readonly gateway_replied: number;
  readonly gateway_not_sent: number;
  readonly gateway_no_reply: number;
}

type Values = Readonly<Record<string, number>>;

/** The counts and gauges of one step. */
export class Step {
  readonly #counts: Record<string, number> = {};
  readonly #gauges = new Map<string, Record<string, number>>();

  /** The counts, by metric. */
  get counts(): Values {
    return this.#counts;
  }

  /** The lanes with queued payments. */
  get lanes(): string[] {
    return [...this.#gauges.keys()].filter((lane) => lane !== '');
  }

  /** The number of queued payments of all lanes; null when no worker has written it. */
  get queued(): number | null {
    if (!this.hasGauges) return null;
    return this.lanes.reduce((sum, lane) => sum + (this.gauge(lane, 'queued') ?? 0), 0);
  }

  /** The age of the oldest queued payment; null when no worker has written it. */
  get oldestQueuedSeconds(): number | null {
    if (!this.hasGauges) return null;
    return Math.max(0, ...this.lanes.map((lane) => this.gauge(lane, 'oldest_queued_seconds') ?? 0));
  }

  /** True when a worker has written the gauges: then one that is absent is 0. */
  get hasGauges(): boolean {
    return this.#gauges.get('')?.['in_doubt'] !== undefined;
  }

  /** Returns a gauge of a lane; of `''` for the doubts. Null when no worker has written it. */
  gauge(lane: string, metric: string): number | null {
    return this.hasGauges ? (this.#gauges.get(lane)?.[metric] ?? 0) : null;
  }

  /** Adds a sample of this step: counts are summed, gauges have their maximum. */
  add({ lane, metric, value }: Sample): void {
    if (lane === null) {
      this.#counts[metric] = (this.#counts[metric] ?? 0) + value;
      return;
    }
    const gauges = this.#gauges.get(lane) ?? {};
    gauges[metric] = Math.max(gauges[metric] ?? 0, value);
    this.#gauges.set(lane, gauges);
  }
}

/** Returns the steps of so many seconds by their beginning, in any order. */
export function stepsOf(samples: readonly Sample[], seconds: number): ReadonlyMap<number, Step> {
  const steps = new Map<number, Step>();
  for (const sample of samples) {
    const time = Math.floor(sample.time / seconds) * seconds;
    const step = steps.get(time) ?? new Step();
    step.add(sample);
    steps.set(time, step);
  }
  return steps;
}

/** Returns the lanes with queued payments, those with the most at one time first. */
export function deepestFirst(steps: Iterable<Step>): string[] {
  const deepest = new Map<string, number>();
  for (const step of steps) {
    for (const lane of step.lanes) {
      const queued = step.gauge(lane, 'queued') ?? 0;
      deepest.set(lane, Math.max(queued, deepest.get(lane) ?? 0));
    }
  }
  const byName = [...deepest].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return byName.toSorted(([, a], [, b]) => b - a).map(([lane]) => lane);
}

/** Returns the sums of a step from its counts by metric. */
export function sumsOf(counts: Values): StepSums {
  const ends = Object.entries(counts).filter(([metric]) => metric.startsWith('ended_'));
  const of = (metric: string) => counts[metric] ?? 0;
  return {
    accepted: of('accepted'),
    sent: of('sent'),
    ended: ends.reduce((sum, [, value]) => sum + value, 0),
    succeeded: of('ended_succeeded'),
    declined: of('ended_declined') + of('ended_blocked'),
    gateway_replied: of('gateway_replied'),
    gateway_not_sent: of('gateway_not_sent'),
    gateway_no_reply: of('gateway_no_reply'),
  };
}
