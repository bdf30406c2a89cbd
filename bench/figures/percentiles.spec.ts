import { median, percentile, rounded } from './percentiles.js';

describe('percentiles', () => {
  it.each([
    [[5], 50, 5],
    [[4, 1, 3, 2], 50, 2],
    [[4, 1, 3, 2], 51, 3],
    [[4, 1, 3, 2], 99, 4],
    [[10, 9, 100], 100, 100],
  ])('of %j at %d %% is %d, a value that was measured', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });

  it('takes 99 % of a hundred values to be the ninety-ninth', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(values, 99)).toBe(99);
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('finds the median of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('refuses to make a figure of nothing', () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
    expect(() => median([])).toThrow(RangeError);
  });

  it('rounds to the digits asked for', () => {
    expect(rounded(1.2345, 3)).toBe(1.235);
    expect(rounded(1.25)).toBe(1.3);
  });
});
