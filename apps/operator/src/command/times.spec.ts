import { durationText, parseDuration, parseEnd } from './times.js';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['6h', 21_600_000],
    ['2d', 172_800_000],
  ])('parses %s as %s ms and formats it back', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(durationText(ms)).toBe(text);
  });

  it.each(['', '6', 'h', '0h', '-1h', '1.5h', '6 h', '6H', '1w', '9999999s'])(
    'rejects %p',
    (text) => expect(() => parseDuration(text)).toThrow('A duration is a number and a unit'),
  );
});

const NOW = new Date('2026-11-21T10:00:00Z');

describe('the end of a key', () => {
  it.each([
    ['90d', '2027-02-19T10:00:00.000Z'],
    ['12h', '2026-11-21T22:00:00.000Z'],
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T12:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00:05Z', '2027-01-31T12:00:05.000Z'],
  ])('parses %s as %s', (text, end) => expect(parseEnd(text)(NOW).toISOString()).toBe(end));

  it.each(['', 'tomorrow', '90', '90y', '2027-02-31', '2027-13-01', '2027-01-31T12:00'])(
    'is not %p',
    (text) => expect(() => parseEnd(text)).toThrow('An expiry is a duration'),
  );

  it('cannot be now', () => expect(() => parseEnd('0d')).toThrow('A duration is a number'));
});
