// Percentiles of a time from sampled counts by bounds.
import { FINAL_BOUNDS_MS } from './sample-recorder.js';

/**
 * Returns the time in milliseconds within which a share of the payments reached their first attempt
 * (`sent`) or their end (`final`), interpolated within the bounds; null without a payment. A time
 * beyond the last bound is that bound. `counts` are sums by metric.
 */
export function percentileMs(
  counts: Readonly<Record<string, number>>,
  what: 'sent' | 'final',
  share: number,
): number | null {
  const buckets = FINAL_BOUNDS_MS.map((bound, index) => ({
    from: FINAL_BOUNDS_MS[index - 1] ?? 0,
    bound,
    count: counts[`${what}_within_${bound}_ms`] ?? 0,
  }));
  const total = buckets.reduce((sum, { count }) => sum + count, counts[`${what}_later`] ?? 0);
  if (total === 0) return null;
  let left = total * share;
  for (const { from, bound, count } of buckets) {
    if (left <= count) return from + (bound - from) * (left / count);
    left -= count;
  }
  return FINAL_BOUNDS_MS.at(-1) ?? null;
}
