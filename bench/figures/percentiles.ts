// Order statistics of the measured times.

/**
 * The nearest-rank percentile: a time that was really measured, never one between two.
 * @param percent above 0, up to 100
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [below = Number.NaN, above = Number.NaN] = sorted.slice(half - 1 + (sorted.length % 2));
  return sorted.length % 2 === 1 ? below : (below + above) / 2;
}

/** Rounded to so many digits after the point. */
export function rounded(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** In milliseconds. */
export interface Percentiles {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

/** The two percentiles every time is shown with, in milliseconds. */
export function p50AndP99(valuesMs: readonly number[]): Percentiles {
  return {
    p50_ms: rounded(percentile(valuesMs, 50)),
    p99_ms: rounded(percentile(valuesMs, 99)),
  };
}
