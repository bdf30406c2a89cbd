// Order statistics of the measured times.

/**
 * The nearest-rank percentile: a time that was really measured, never one between two.
 * @param {number[]} values @param {number} percent above 0, up to 100
 */
export function percentile(values, percent) {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values) {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Rounded to so many digits after the point. */
export function rounded(value, digits = 1) {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** The two percentiles every time is shown with, in milliseconds. */
export function p50AndP99(valuesMs) {
  return {
    p50_ms: rounded(percentile(valuesMs, 50)),
    p99_ms: rounded(percentile(valuesMs, 99)),
  };
}
