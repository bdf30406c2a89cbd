// Continues the series of a range with the seconds that followed it.
import type { Overview, OverviewSecond } from '../api.js';

const COUNTS = [
  'accepted',
  'sent',
  'ended',
  'succeeded',
  'declined',
  'gateway_replied',
  'gateway_not_sent',
  'gateway_no_reply',
] as const satisfies (keyof Overview & keyof OverviewSecond)[];
const GAUGES = [
  'in_doubt',
  'in_doubt_oldest_seconds',
  'queued',
  'oldest_queued_seconds',
] as const satisfies (keyof Overview & keyof OverviewSecond)[];

/**
 * Appends the steps that began since the range was read. A percentile of such a step is not known
 * yet.
 */
export function withSeconds(overview: Overview, seconds: readonly OverviewSecond[]): Overview {
  const step = overview.step_seconds;
  const end = (overview.times.at(-1) ?? 0) + step;
  const steps = new Map<number, OverviewSecond>();
  for (const second of seconds) {
    const at = Math.floor(second.at / step) * step;
    if (at < end) continue;
    const before = steps.get(at);
    const sums = Object.fromEntries(
      COUNTS.map((name) => [name, second[name] + (before?.[name] ?? 0)]),
    );
    steps.set(at, { ...second, ...sums, at });
  }
  const added = [...steps.values()];
  if (added.length === 0) return overview;
  const appended = Object.fromEntries(
    [...COUNTS, ...GAUGES].map((name) => [
      name,
      [...overview[name], ...added.map((one) => one[name])],
    ]),
  );
  return {
    ...overview,
    ...appended,
    times: [...overview.times, ...added.map(({ at }) => at)],
    approval_rate: [...overview.approval_rate, ...added.map(approvalOf)],
    final_p50_ms: [...overview.final_p50_ms, ...added.map(() => null)],
    final_p95_ms: [...overview.final_p95_ms, ...added.map(() => null)],
    lanes: overview.lanes.map(({ lane, queued, oldest_queued_seconds: oldest }) => {
      const gauges = added.map((one) => one.lanes.find((other) => other.lane === lane));
      return {
        lane,
        queued: [...queued, ...gauges.map((gauge) => gauge?.queued ?? 0)],
        oldest_queued_seconds: [
          ...oldest,
          ...gauges.map((gauge) => gauge?.oldest_queued_seconds ?? 0),
        ],
      };
    }),
  };
}

function approvalOf({ succeeded, declined }: OverviewSecond): number | null {
  return succeeded + declined === 0 ? null : succeeded / (succeeded + declined);
}
