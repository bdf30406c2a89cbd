// Exact conversion between text and money.
import fc from 'fast-check';
import { someAmount } from '../test/arbitrary-amount.js';
import { type AmountProblem, currencyCodes, formatAmount, parseAmount } from './money.js';

describe('parsing an amount', () => {
  it.each([
    ['11.11', 'EUR', 1111n],
    ['11.1', 'EUR', 1110n],
    ['11', 'EUR', 1100n],
    ['0.01', 'EUR', 1n],
    ['0011.10', 'EUR', 1110n],
    ['99999999.99', 'EUR', 9_999_999_999n],
    ['1500', 'JPY', 1500n],
    ['1', 'JPY', 1n],
    ['1.25', 'KWD', 1250n],
    ['1.255', 'KWD', 1255n],
    ['99999999999999999999', 'JPY', 99_999_999_999_999_999_999n],
    ['1.250', 'KWD', 1250n],
    ['1', 'KWD', 1000n],
  ])('reads %s %s as %s minor units', (text, currency, minor) => {
    expect(parseAmount(text, currency)).toEqual({ minor, currency });
  });

  // Each row has one fault fewer than those above it: the table is also the precedence of the
  // faults.
  it.each<[string, string, AmountProblem]>([
    ['1e3', 'XXX', 'unknown_currency'],
    ['1.00', 'eur', 'unknown_currency'],
    ['1.00', '', 'unknown_currency'],
    ['1e3', 'EUR', 'not_a_decimal'],
    ['1.0E7', 'EUR', 'not_a_decimal'],
    ['-1', 'EUR', 'not_a_decimal'],
    ['+1', 'EUR', 'not_a_decimal'],
    ['', 'EUR', 'not_a_decimal'],
    ['1.', 'EUR', 'not_a_decimal'],
    ['.5', 'EUR', 'not_a_decimal'],
    [' 1', 'EUR', 'not_a_decimal'],
    ['1\n', 'EUR', 'not_a_decimal'],
    ['1,000', 'EUR', 'not_a_decimal'],
    ['1,50', 'EUR', 'not_a_decimal'],
    ['1_000', 'EUR', 'not_a_decimal'],
    ['0x10', 'EUR', 'not_a_decimal'],
    ['NaN', 'EUR', 'not_a_decimal'],
    ['١', 'EUR', 'not_a_decimal'],
    ['1'.repeat(21), 'EUR', 'not_a_decimal'],
    [`1.${'0'.repeat(11)}`, 'EUR', 'not_a_decimal'],
    ['0.000', 'EUR', 'too_many_decimals'],
    ['11.111', 'EUR', 'too_many_decimals'],
    ['11.110', 'EUR', 'too_many_decimals'],
    ['1.5', 'JPY', 'too_many_decimals'],
    ['1.0', 'JPY', 'too_many_decimals'],
    ['1.2500', 'KWD', 'too_many_decimals'],
    ['0', 'EUR', 'not_positive'],
    ['0.00', 'EUR', 'not_positive'],
    ['0.000', 'KWD', 'not_positive'],
    ['000000000', 'JPY', 'not_positive'],
  ])('refuses %p %s: %s', (text, currency, problem) => {
    expect(parseAmount(text, currency)).toBe(problem);
  });
});

describe('formatting an amount', () => {
  it.each([
    [1111n, 'EUR', '11.11'],
    [1n, 'EUR', '0.01'],
    [0n, 'EUR', '0.00'],
    [1100n, 'EUR', '11.00'],
    [0n, 'JPY', '0'],
    [1500n, 'JPY', '1500'],
    [1250n, 'KWD', '1.250'],
    [5n, 'KWD', '0.005'],
    [9_007_199_254_740_993n, 'EUR', '90071992547409.93'],
  ])('formats %s minor units of %s as %s', (minor, currency, text) => {
    expect(formatAmount({ minor, currency })).toBe(text);
  });
});

describe('amounts in every currency', () => {
  it('survive a round trip through text', () => {
    const property = fc.property(someAmount, (money) => {
      expect(parseAmount(formatAmount(money), money.currency)).toEqual(money);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('are rejected without an exception, whatever the text', () => {
    const digitsAndMarks = fc.string({
      unit: fc.constantFrom(...'0 1 2 5 9 . , - + e E'.split(' '), ' '),
    });
    const property = fc.property(
      digitsAndMarks,
      fc.constantFrom(...currencyCodes),
      (text, code) => {
        const parsed = parseAmount(text, code);
        if (typeof parsed === 'object') expect(parsed.minor).toBeGreaterThan(0n);
        else expect(parsed).toMatch(/^(not_a_decimal|too_many_decimals|not_positive)$/);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});
