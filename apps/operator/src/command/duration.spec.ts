import { durationText, parseDuration } from './duration.js';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['6h', 21_600_000],
    ['2d', 172_800_000],
  ])('%s is %s ms, and written so again', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(durationText(ms)).toBe(text);
  });

  it.each(['', '6', 'h', '0h', '-1h', '1.5h', '6 h', '6H', '1w', '9999999s'])('is not %p', (text) =>
    expect(() => parseDuration(text)).toThrow('A duration is a number and a unit'),
  );
});
