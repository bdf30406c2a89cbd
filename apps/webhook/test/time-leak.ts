// A permutation test of whether the response times of several kinds have the same distribution. It
// assumes no distribution and no threshold: it repeats the measurement with the kinds assigned at
// random, and the result of chance alone is the bound.

/** One response: its kind, and its duration in milliseconds. */
export interface Timing {
  readonly kind: string;
  readonly ms: number;
}

/** The result of {@link testForLeak}. */
export interface LeakTest {
  /** The largest Kolmogorov-Smirnov distance between a kind and all responses together, 0 to 1. */
  readonly distance: number;
  /** The largest distance with random labels. */
  readonly byChance: number;
  /** The share of labellings at or above `distance`, with the real one counted in. */
  readonly p: number;
}

/** Compares the kinds' times with `rounds` random labellings. */
export function testForLeak(timings: readonly Timing[], rounds: number): LeakTest {
  const sorted = timings.toSorted((a, b) => a.ms - b.ms);
  const names = [...new Set(sorted.map(({ kind }) => kind))];
  const kinds = sorted.map(({ kind }) => names.indexOf(kind));
  // Equal times count as one step, because their order is an accident of sorting.
  const isStep = sorted.map(({ ms }, at) => sorted[at + 1]?.ms !== ms);
  const distance = distanceOf(kinds, isStep);
  const others = Array.from({ length: rounds }, () => distanceOf(shuffled(kinds), isStep));
  const asFar = others.filter((other) => other >= distance).length;
  return { distance, byChance: Math.max(...others), p: (asFar + 1) / (rounds + 1) };
}

function distanceOf(kinds: readonly number[], isStep: readonly boolean[]): number {
  const totals = Array.from({ length: Math.max(...kinds) + 1 }, () => 0);
  for (const kind of kinds) totals[kind]! += 1;
  const seen = totals.map(() => 0);
  let largest = 0;
  for (let at = 0; at < kinds.length; at += 1) {
    seen[kinds[at]!]! += 1;
    if (!isStep[at]) continue;
    for (let kind = 0; kind < totals.length; kind += 1) {
      const gap = Math.abs(seen[kind]! / totals[kind]! - (at + 1) / kinds.length);
      if (gap > largest) largest = gap;
    }
  }
  return largest;
}

/** Returns the values in a random order (Fisher-Yates). */
export function shuffled<T>(values: readonly T[]): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
