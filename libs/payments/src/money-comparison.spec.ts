// Compares the gateway's amounts with ours as numbers, never as text (protocol §12.7).
import fc from 'fast-check';
import { someAmount } from '../test/arbitrary-amount.js';
import { formatAmount, isSameAmount } from './money.js';

describe('comparing with the gateway’s amount', () => {
  it.each([
    ['130', 'EUR', 13_000n, true],
    ['10000000', 'EUR', 1_000_000_000n, true],
    ['10000000', 'JPY', 10_000_000n, true],
    ['10000000', 'EUR', 1_000_000_001n, false],
    ['1500', 'JPY', 1500n, true],
    ['1.25', 'KWD', 1250n, true],
    ['0.05', 'EUR', 5n, true],
    ['11.1', 'EUR', 1110n, true],
    ['11.1', 'EUR', 1111n, false],
    ['11.11', 'EUR', 1110n, false],
    ['11.111', 'EUR', 1111n, false],
    ['-11.11', 'EUR', 1111n, false],
    ['1111', 'EUR', 1111n, false],
  ])('compares %s %s with %s minor units: %s', (said, currency, minor, isSame) => {
    expect(isSameAmount({ minor, currency }, said)).toBe(isSame);
  });

  it('equals the same number in lowest terms, and no other', () => {
    const property = fc.property(someAmount, someAmount, (money, other) => {
      const text = formatAmount(money);
      const lowest = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
      expect(isSameAmount(money, lowest)).toBe(true);
      expect(isSameAmount({ ...money, minor: money.minor + 1n }, lowest)).toBe(false);
      expect(isSameAmount(other, lowest)).toBe(Number(formatAmount(other)) === Number(text));
    });
    fc.assert(property);
  });
});
