// The newest seconds of the overview, one by one.
import { type Sample, Samples } from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import type { Pool } from 'pg';
import { deepestFirst, LANES_MAX, type StepSums, sumsOf, Step, stepsOf } from './steps.js';

/** One second: its counts, and the newest gauges. */
export interface LiveSecond extends StepSums {
  /** Its beginning, in seconds since 1970. */
  readonly at: number;
  /** Null while no worker writes gauges. */
  readonly in_doubt: number | null;
  readonly in_doubt_oldest_seconds: number | null;
  readonly queued: number | null;
  readonly oldest_queued_seconds: number | null;
  /** The lanes with queued payments, deepest first. */
  readonly lanes: readonly {
    readonly lane: string;
    readonly queued: number;
    readonly oldest_queued_seconds: number;
  }[];
}

/** The processes have written a second one second after its end: they write once a second. */
const WRITTEN_AFTER = 2;
/** Gauges are written every five seconds; older ones are unknown. */
const GAUGES_LAST = 12;
/** After an outage the seconds before these are left to the series of a range. */
const SECONDS_MAX = 10;

/**
 * Reads the complete seconds after `after` (in seconds since 1970; default: the newest one), oldest
 * first, at most ten of them. Rejects while Postgres is unavailable.
 */
export async function loadSeconds(
  { pool, clock }: { readonly pool: Pool; readonly clock: Clock },
  after?: number,
): Promise<LiveSecond[]> {
  const last = Math.floor(clock.now().getTime() / 1_000) - WRITTEN_AFTER;
  const first = Math.max((after ?? last - 1) + 1, last - SECONDS_MAX + 1);
  if (first > last) return [];
  const from = new Date((first - GAUGES_LAST) * 1_000);
  const to = new Date((last + 1) * 1_000);
  return secondsOf(first, last, await new Samples(pool).read({ from, to, stepSeconds: 1 }));
}

/** Returns the seconds from `first` to `last`. */
export function secondsOf(first: number, last: number, samples: readonly Sample[]): LiveSecond[] {
  const steps = stepsOf(samples, 1);
  const newestGauges = (at: number): Step => {
    for (let second = at; second > at - GAUGES_LAST; second -= 1) {
      const step = steps.get(second);
      if (step?.hasGauges) return step;
    }
    return new Step();
  };
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const at = first + index;
    const gauges = newestGauges(at);
    return {
      at,
      ...sumsOf(steps.get(at)?.counts ?? {}),
      in_doubt: gauges.gauge('', 'in_doubt'),
      in_doubt_oldest_seconds: gauges.gauge('', 'in_doubt_oldest_seconds'),
      queued: gauges.queued,
      oldest_queued_seconds: gauges.oldestQueuedSeconds,
      lanes: deepestFirst([gauges])
        .slice(0, LANES_MAX)
        .map((lane) => ({
          lane,
          queued: gauges.gauge(lane, 'queued') ?? 0,
          oldest_queued_seconds: gauges.gauge(lane, 'oldest_queued_seconds') ?? 0,
        })),
    };
  });
}
