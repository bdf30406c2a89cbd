// The gateway's amounts are compared with ours as numbers, never as text (protocol §12.7).
import fc from 'fast-check';
import { someAmount } from '../test/arbitrary-amount.js';
import { currencyExponent, type Decimal, isSameAmount } from './money.js';

const decimal: fc.Arbitrary<Decimal> = fc.record({
  digits: fc.bigInt(-(10n ** 12n), 10n ** 12n),
  scale: fc.integer({ min: -12, max: 12 }),
});

describe('comparing with the gateway’s amount', () => {
  it.each<[string, string, bigint, Decimal, boolean]>([
    ['130.0', 'EUR', 13_000n, { digits: 1300n, scale: 1 }, true],
    ['130.00', 'EUR', 13_000n, { digits: 13_000n, scale: 2 }, true],
    ['130', 'EUR', 13_000n, { digits: 130n, scale: 0 }, true],
    ['1.3E2', 'EUR', 13_000n, { digits: 13n, scale: -1 }, true],
    ['1.0E7', 'EUR', 1_000_000_000n, { digits: 10n, scale: -6 }, true],
    ['1.0E7', 'JPY', 10_000_000n, { digits: 10_000_000n, scale: 0 }, true],
    ['1.0E7', 'EUR', 1_000_000_001n, { digits: 10_000_000n, scale: 0 }, false],
    ['1500.0', 'JPY', 1500n, { digits: 15_000n, scale: 1 }, true],
    ['1.25', 'KWD', 1250n, { digits: 125n, scale: 2 }, true],
    ['11.1', 'EUR', 1111n, { digits: 111n, scale: 1 }, false],
    ['11.11', 'EUR', 1110n, { digits: 1111n, scale: 2 }, false],
    ['11.111', 'EUR', 1111n, { digits: 11_111n, scale: 3 }, false],
    ['-11.11', 'EUR', 1111n, { digits: -1111n, scale: 2 }, false],
    ['1111', 'EUR', 1111n, { digits: 1111n, scale: 0 }, false],
  ])('reads %s %s against %s minor units', (_, currency, minor, said, isSame) => {
    expect(isSameAmount({ minor, currency }, said)).toBe(isSame);
  });

  it('does not depend on how many zeros were written', () => {
    const property = fc.property(someAmount, fc.nat({ max: 12 }), (money, zeros) => {
      const exponent = currencyExponent(money.currency) ?? 2;
      const padded = { digits: money.minor * 10n ** BigInt(zeros), scale: exponent + zeros };
      expect(isSameAmount(money, padded)).toBe(true);
      expect(isSameAmount(money, { ...padded, digits: padded.digits + 1n })).toBe(false);
    });
    fc.assert(property);
  });

  it('answers for every decimal', () => {
    const property = fc.property(someAmount, decimal, (money, said) => {
      const exponent = currencyExponent(money.currency) ?? 2;
      const hugeScale = 12n;
      const left = money.minor * 10n ** (hugeScale * 2n - BigInt(exponent));
      const right = said.digits * 10n ** (hugeScale * 2n - BigInt(said.scale));
      expect(isSameAmount(money, said)).toBe(left === right);
    });
    fc.assert(property);
  });
});
