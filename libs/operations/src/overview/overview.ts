// The series of the overview's charts, from samples. Nothing here counts payments: a read costs the
// same whatever their number.
import { percentileMs, type Queryable, type Sample, Samples } from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import { deepestFirst, LANES_MAX, sumsOf, type StepSums, stepsOf } from './steps.js';

/** The ranges, each with its length and that of its steps in seconds. */
export const OVERVIEW_RANGES = {
  '15m': { seconds: 900, stepSeconds: 10 },
  '1h': { seconds: 3_600, stepSeconds: 60 },
  '6h': { seconds: 21_600, stepSeconds: 60 },
  '24h': { seconds: 86_400, stepSeconds: 300 },
  '7d': { seconds: 604_800, stepSeconds: 3_600 },
  '30d': { seconds: 2_592_000, stepSeconds: 7_200 },
} as const;

export type OverviewRange = keyof typeof OVERVIEW_RANGES;

type Series = readonly number[];
/** Null where the value is unknown: the share or the percentile of nothing, or without a worker. */
type Gappy = readonly (number | null)[];

/** The series of a range. Each has an entry per step, in the order of `times`. */
export type Overview = {
  readonly [Count in keyof StepSums]: Series;
} & {
  readonly object: 'overview';
  readonly range: OverviewRange;
  readonly step_seconds: number;
  readonly from: string;
  readonly to: string;
  readonly times: Series;
  readonly approval_rate: Gappy;
  readonly final_p50_ms: Gappy;
  readonly final_p95_ms: Gappy;
  readonly in_doubt: Gappy;
  readonly in_doubt_oldest_seconds: Gappy;
  readonly queued: Gappy;
  readonly oldest_queued_seconds: Gappy;
  readonly lanes: readonly {
    readonly lane: string;
    readonly queued: Gappy;
    readonly oldest_queued_seconds: Gappy;
  }[];
};

/** The processes have written a second by then. */
const SECOND_WRITTEN_AFTER = 3;
/** The worker has summed a minute, or an hour, by then: it does so once a minute. */
const MINUTE_SUMMED_AFTER = 130;
const MINUTE = 60;
const HOUR = 3_600;

/** Returns the end of the last step of a range that is complete, in seconds since 1970. */
export function overviewEnd(range: OverviewRange, now: Date): number {
  const { stepSeconds } = OVERVIEW_RANGES[range];
  const after = stepSeconds < HOUR ? SECOND_WRITTEN_AFTER : MINUTE_SUMMED_AFTER;
  return Math.floor((now.getTime() / 1_000 - after) / stepSeconds) * stepSeconds;
}

/** Reads the series of a range. Rejects while Postgres is unavailable. */
export async function loadOverview(
  { pool, clock }: { readonly pool: Queryable; readonly clock: Clock },
  range: OverviewRange,
): Promise<Overview> {
  const { seconds, stepSeconds } = OVERVIEW_RANGES[range];
  const now = clock.now();
  const end = overviewEnd(range, now);
  const summed = isOfMinutes(stepSeconds) ? Math.min(end, minutesEnd(now)) : end;
  const samples = new Samples(pool);
  const read = (from: number, to: number, step: number) =>
    samples.read({ from: new Date(from * 1_000), to: new Date(to * 1_000), stepSeconds: step });
  const stored = read(end - seconds, summed, stepSeconds);
  // The newest minutes are seconds yet.
  const newest = summed < end ? read(summed, end, 1) : [];
  return overviewOf(range, end, (await Promise.all([stored, newest])).flat());
}

const isOfMinutes = (stepSeconds: number) => stepSeconds >= MINUTE && stepSeconds < HOUR;

/** Returns the time up to which minutes are summed, in seconds since 1970. */
const minutesEnd = (now: Date) =>
  Math.floor((now.getTime() / 1_000 - MINUTE_SUMMED_AFTER) / MINUTE) * MINUTE;

/** Returns the series of a range that ends at `end`, in seconds since 1970. */
export function overviewOf(
  range: OverviewRange,
  end: number,
  samples: readonly Sample[],
): Overview {
  const { seconds, stepSeconds } = OVERVIEW_RANGES[range];
  const start = end - seconds;
  const times = Array.from({ length: seconds / stepSeconds }, (_, at) => start + at * stepSeconds);
  const found = stepsOf(samples, stepSeconds);
  const steps = times.map((time) => found.get(time));
  const sums = steps.map((step) => sumsOf(step?.counts ?? {}));
  const counted = (name: keyof StepSums) => sums.map((step) => step[name]);
  const final = (share: number) =>
    steps.map((step) => percentileMs(step?.counts ?? {}, 'final', share));
  const gauge = (lane: string, metric: string) =>
    steps.map((step) => step?.gauge(lane, metric) ?? null);
  return {
    object: 'overview',
    range,
    step_seconds: stepSeconds,
    from: new Date(start * 1_000).toISOString(),
    to: new Date(end * 1_000).toISOString(),
    times,
    accepted: counted('accepted'),
    sent: counted('sent'),
    ended: counted('ended'),
    succeeded: counted('succeeded'),
    declined: counted('declined'),
    approval_rate: sums.map(({ succeeded, declined }) =>
      succeeded + declined === 0 ? null : succeeded / (succeeded + declined),
    ),
    final_p50_ms: final(0.5),
    final_p95_ms: final(0.95),
    gateway_replied: counted('gateway_replied'),
    gateway_not_sent: counted('gateway_not_sent'),
    gateway_no_reply: counted('gateway_no_reply'),
    in_doubt: gauge('', 'in_doubt'),
    in_doubt_oldest_seconds: gauge('', 'in_doubt_oldest_seconds'),
    queued: steps.map((step) => step?.queued ?? null),
    oldest_queued_seconds: steps.map((step) => step?.oldestQueuedSeconds ?? null),
    lanes: deepestFirst(found.values())
      .slice(0, LANES_MAX)
      .map((lane) => ({
        lane,
        queued: gauge(lane, 'queued'),
        oldest_queued_seconds: gauge(lane, 'oldest_queued_seconds'),
      })),
  };
}
