import { lowestId, newId } from './ids.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Returns the 128 bits of an id as a UUID's 32 hexadecimal digits. */
function uuidOf(id: string): string {
  const bits = Array.from(id.slice(id.indexOf('_') + 1), (c) => BigInt(ALPHABET.indexOf(c)));
  return bits
    .reduce((value, digit) => value * 32n + digit, 0n)
    .toString(16)
    .padStart(32, '0');
}

describe('a new id', () => {
  it('is a prefix and 26 characters that cannot be misread', () => {
    expect(newId('req')).toMatch(/^req_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
  });

  it('holds a UUIDv7 of the current time', () => {
    const before = Date.now();
    const uuid = uuidOf(newId('req'));
    const millis = Number.parseInt(uuid.slice(0, 12), 16);
    expect(millis).toBeGreaterThanOrEqual(before);
    expect(millis).toBeLessThanOrEqual(Date.now());
    expect(uuid).toMatch(/^.{12}7.{3}[89ab].{15}$/);
  });

  it('holds the time it is given', () => {
    const at = new Date('2026-11-21T10:00:00.123Z');
    expect(Number.parseInt(uuidOf(newId('pi', at)).slice(0, 12), 16)).toBe(at.getTime());
  });

  it('is unique, also when the pool of random bytes is filled again', () => {
    const ids = Array.from({ length: 2000 }, () => newId('req'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('sorts after those of earlier milliseconds', async () => {
    const earlier = newId('req');
    const start = Date.now();
    while (Date.now() === start) await Promise.resolve();
    expect(newId('req') > earlier).toBe(true);
  });
});

describe('the lowest id of a time', () => {
  it('separates the ids of earlier times from the others', () => {
    const at = Date.parse('2026-11-21T10:00:00.123Z');
    const bound = lowestId('pi', new Date(at));
    for (let round = 0; round < 1_000; round += 1) {
      expect(newId('pi', new Date(at - 1)) < bound).toBe(true);
      expect(newId('pi', new Date(at)) > bound).toBe(true);
    }
  });

  it.each([
    ['before 1970', '0000-01-01T00:00:00Z', 'pi_00000000000000000000000000'],
    ['in the year 9999', '9999-12-31T23:59:59.999-23:59', 'pi_76'],
  ])('exists %s', (_when, at, start) => {
    expect(lowestId('pi', new Date(at))).toMatch(new RegExp(`^${start}`));
  });
});
