// Goal: a percentile lies within the bound that holds it. Method: a table of counts.
import { percentileMs } from './percentile.js';

it.each<[string, Record<string, number>, number, number | null]>([
  ['nothing counted', {}, 0.95, null],
  ['another time counted', { final_within_50_ms: 3 }, 0.95, null],
  ['all in the first bound', { sent_within_50_ms: 10 }, 0.5, 25],
  ['the share ends at a bound', { sent_within_50_ms: 95, sent_within_15000_ms: 5 }, 0.95, 50],
  ['within a later bound', { sent_within_50_ms: 90, sent_within_100_ms: 10 }, 0.95, 75],
  ['beyond the last bound', { sent_within_50_ms: 1, sent_later: 9 }, 0.95, 1_800_000],
])('%s', (_, counts, share, expected) => {
  expect(percentileMs(counts, 'sent', share)).toEqual(expected);
});
