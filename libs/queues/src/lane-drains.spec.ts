import { drainSeconds } from './lane-drains.js';

describe('the time to drain', () => {
  it.each<[string, [atMs: number, depth: number, ended: number][], number | undefined]>([
    ['is unknown without a reading', [], undefined],
    ['is unknown after one reading', [[0, 10, 5]], undefined],
    ['is 0 for an empty queue', [[0, 0, 5]], 0],
    [
      'is the depth by the rate at which jobs end',
      [
        [0, 900, 100],
        [5_000, 600, 400],
        [10_000, 300, 700],
      ],
      5,
    ],
    [
      'is infinite when nothing ends',
      [
        [0, 10, 100],
        [5_000, 20, 100],
      ],
      Infinity,
    ],
  ])('%s', (_, readings, expected) => {
    const read = readings.map(([atMs, depth, ended]) => ({ atMs, depth, ended }));
    expect(drainSeconds(read)).toBe(expected);
  });
});
