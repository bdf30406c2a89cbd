// Goal: the series have an entry per step, and tell apart zero, nothing and unknown. Method:
// samples by hand.
import type { Sample } from '@quittance/persistence';
import { secondsOf } from './live-seconds.js';
import { OVERVIEW_RANGES, overviewEnd, overviewOf, type OverviewRange } from './overview.js';

const END = 1_800_000_000;
const count = (time: number, metric: string, value: number): Sample => ({
  time,
  lane: null,
  metric,
  value,
});
const gauge = (time: number, lane: string, metric: string, value: number): Sample => ({
  time,
  lane,
  metric,
  value,
});
/** The last three values of a series. */
const ends = <T>(series: readonly T[]) => series.slice(-3);

it.each(Object.keys(OVERVIEW_RANGES) as OverviewRange[])(
  'a range of %s has no more than 360 steps, each complete',
  (range) => {
    const { stepSeconds } = OVERVIEW_RANGES[range];
    const now = new Date(END * 1_000 + 1_234);
    const end = overviewEnd(range, now);
    const { times, accepted, from, to, queued } = overviewOf(range, end, []);
    expect(times.length).toBeLessThanOrEqual(360);
    expect(end % stepSeconds).toBe(0);
    expect(end).toBeLessThan(END);
    expect(times.at(-1)).toBe(end - stepSeconds);
    expect(Date.parse(from) / 1_000).toBe(times[0]);
    expect(Date.parse(to) / 1_000).toBe(end);
    expect(new Set(accepted)).toEqual(new Set([0]));
    expect(new Set(queued)).toEqual(new Set([null]));
  },
);

it('sums the counts of a step, and has no share and no percentile of nothing', () => {
  const series = overviewOf('15m', END, [
    count(END - 20, 'accepted', 12),
    count(END - 20, 'ended_succeeded', 6),
    count(END - 20, 'ended_declined', 1),
    count(END - 20, 'ended_blocked', 1),
    count(END - 20, 'ended_failed', 2),
    count(END - 20, 'final_within_100_ms', 10),
    count(END - 10, 'ended_failed', 1),
    count(END - 10, 'gateway_not_sent', 4),
  ]);
  expect(ends(series.accepted)).toEqual([0, 12, 0]);
  expect(ends(series.ended)).toEqual([0, 10, 1]);
  expect(ends(series.succeeded)).toEqual([0, 6, 0]);
  expect(ends(series.declined)).toEqual([0, 2, 0]);
  expect(ends(series.approval_rate)).toEqual([null, 0.75, null]);
  expect(ends(series.final_p50_ms)).toEqual([null, 75, null]);
  expect(ends(series.gateway_not_sent)).toEqual([0, 0, 4]);
});

it('merges the newest seconds into their step', () => {
  const { accepted, queued } = overviewOf('1h', END, [
    count(END - 60, 'accepted', 5),
    gauge(END - 60, '', 'in_doubt', 0),
    gauge(END - 60, 'a', 'queued', 9),
    count(END - 31, 'accepted', 2),
    gauge(END - 31, 'a', 'queued', 4),
  ]);
  expect(ends(accepted)).toEqual([0, 0, 7]);
  expect(ends(queued)).toEqual([null, null, 9]);
});

it('tells an empty lane from one that no worker has read', () => {
  const series = overviewOf('15m', END, [
    gauge(END - 30, '', 'in_doubt', 0),
    gauge(END - 30, 'slow', 'queued', 3),
    gauge(END - 30, 'slow', 'oldest_queued_seconds', 9),
    gauge(END - 30, 'deep', 'queued', 80),
    gauge(END - 30, 'deep', 'oldest_queued_seconds', 4),
    gauge(END - 20, '', 'in_doubt', 2),
    gauge(END - 20, '', 'in_doubt_oldest_seconds', 70),
  ]);
  expect(ends(series.in_doubt)).toEqual([0, 2, null]);
  expect(ends(series.in_doubt_oldest_seconds)).toEqual([0, 70, null]);
  expect(ends(series.queued)).toEqual([83, 0, null]);
  expect(ends(series.oldest_queued_seconds)).toEqual([9, 0, null]);
  const lanes = series.lanes.map(({ lane, queued }) => [lane, ends(queued)]);
  expect(lanes).toEqual([
    ['deep', [80, 0, null]],
    ['slow', [3, 0, null]],
  ]);
});

it('has the twenty deepest lanes of hundreds', () => {
  const samples = Array.from({ length: 300 }, (_, depth) =>
    gauge(END - 10, `lane${depth}`, 'queued', depth),
  );
  const { lanes, queued } = overviewOf('15m', END, [
    gauge(END - 10, '', 'in_doubt', 0),
    ...samples,
  ]);
  expect(lanes).toHaveLength(20);
  expect(lanes[0]?.lane).toBe('lane299');
  expect(queued.at(-1)).toBe((299 * 300) / 2);
});

it('a second has its own counts and the newest gauges, which become unknown', () => {
  const samples = [
    gauge(END - 20, '', 'in_doubt', 1),
    gauge(END - 20, 'fast', 'queued', 9),
    gauge(END - 5, '', 'in_doubt', 3),
    gauge(END - 5, 'fast', 'queued', 7),
    count(END, 'accepted', 5),
  ];
  expect(secondsOf(END - 1, END, samples)).toMatchObject([
    { at: END - 1, accepted: 0, in_doubt: 3, queued: 7, lanes: [{ lane: 'fast', queued: 7 }] },
    { at: END, accepted: 5, in_doubt: 3 },
  ]);
  expect(secondsOf(END + 7, END + 7, samples)).toMatchObject([
    { at: END + 7, accepted: 0, in_doubt: null, queued: null, lanes: [] },
  ]);
});
