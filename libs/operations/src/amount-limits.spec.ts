import fc from 'fast-check';
import { type AmountLimits, amountLimits, isAbove, parseAmountLimits } from './amount-limits.js';

const read = (text: string): AmountLimits => {
  const limits = parseAmountLimits(text);
  if (typeof limits === 'string') throw new Error(limits);
  return limits;
};

describe('amount limits', () => {
  it.each<[string, bigint, string, boolean]>([
    ['EUR:1000.00', 100_000n, 'EUR', false],
    ['EUR:1000.00', 100_001n, 'EUR', true],
    ['EUR:1000', 100_000n, 'EUR', false],
    ['EUR:1000.5', 100_050n, 'EUR', false],
    ['EUR:1000.5', 100_051n, 'EUR', true],
    ['EUR:0', 1n, 'EUR', true],
    ['EUR:1000.00', 100_000_000n, 'USD', false],
    ['EUR:1000.00,*:500.00', 50_000n, 'USD', false],
    ['EUR:1000.00,*:500.00', 50_001n, 'USD', true],
    ['EUR:1000.00,*:500.00', 99_999n, 'EUR', false],
    ['*:500.00', 500n, 'JPY', false],
    ['*:500.00', 501n, 'JPY', true],
    ['*:500.50', 501n, 'JPY', true],
    ['*:500.50', 500n, 'JPY', false],
    ['JPY:100000', 100_001n, 'JPY', true],
    ['*:1.5', 1_500n, 'KWD', false],
    ['*:1.5', 1_501n, 'KWD', true],
    // 9007199254740993 = 2^53 + 1, which a float cannot hold.
    ['EUR:90071992547409.93', 9_007_199_254_740_993n, 'EUR', false],
    ['EUR:90071992547409.92', 9_007_199_254_740_993n, 'EUR', true],
    ['*:500', 1n, 'XXX', true],
  ])('%s and %s minor units of %s: %s', (text, minor, currency, expected) => {
    expect(isAbove(read(text), { minor, currency })).toBe(expected);
  });

  it.each([
    ['EUR', /an entry is/],
    ['EUR:', /an entry is/],
    ['EUR:-1', /an entry is/],
    ['EUR:1e3', /an entry is/],
    ['EUR:1,50', /an entry is/],
    ['EUR:1.', /an entry is/],
    ['eur:1', /an entry is/],
    ['EUR:1,', /an entry is/],
    ['ZZZ:1', /ZZZ is not a currency/],
    ['JPY:1.5', /JPY has 0 decimals/],
    ['EUR:1.123', /EUR has 2 decimals/],
    ['EUR:1,EUR:2', /EUR appears twice/],
    ['*:1,*:2', /\* appears twice/],
  ])('reject %s', (text, words) => {
    expect(() => read(text)).toThrow(words);
    const { schema } = amountLimits('V', { description: 'x' });
    expect(schema.safeParse(text).success).toBe(false);
  });

  it('compare every amount and limit of a currency exactly', () => {
    const amounts = fc.bigInt(0n, 10n ** 14n);
    fc.assert(
      fc.property(amounts, amounts, (limit, minor) => {
        const text = `${limit / 100n}.${String(limit % 100n).padStart(2, '0')}`;
        const [named, any] = [read(`EUR:${text}`), read(`*:${text}`)];
        expect(isAbove(named, { minor, currency: 'EUR' })).toBe(minor > limit);
        expect(isAbove(any, { minor, currency: 'EUR' })).toBe(minor > limit);
      }),
    );
  });
});
