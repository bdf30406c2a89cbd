// Amounts: every spelling that the gateway is known to use, and exactness as a property.
import fc from 'fast-check';
import {
  billAmountFault,
  type BillAmountFault,
  decimalFromMinor,
  decimalText,
  equalDecimals,
  formatBillAmount,
  minorFromDecimal,
  parseDecimal,
  type Decimal,
} from './decimal.js';

function parsed(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (!decimal) throw new Error(`not a decimal: ${text}`);
  return decimal;
}

describe('decimalText', () => {
  it.each([
    ['130.0', '130'],
    ['130.00', '130'],
    ['1.3E2', '130'],
    ['1.0E7', '10000000'],
    ['11.10', '11.1'],
    ['0.05', '0.05'],
    ['5.0E-4', '0.0005'],
    ['-11.11', '-11.11'],
    ['-0.5', '-0.5'],
    ['0.00', '0'],
  ])('writes %s in lowest terms', (written, text) => {
    expect(decimalText(parsed(written))).toBe(text);
  });

  it('is equal exactly if the numbers are', () => {
    const decimal = fc.record({
      digits: fc.bigInt(-(10n ** 12n), 10n ** 12n),
      scale: fc.integer({ min: -12, max: 12 }),
    });
    fc.assert(
      fc.property(decimal, decimal, fc.nat({ max: 12 }), (left, right, zeros) => {
        const padded = { digits: left.digits * 10n ** BigInt(zeros), scale: left.scale + zeros };
        expect(decimalText(padded)).toBe(decimalText(left));
        const scaled = ({ digits, scale }: Decimal) => digits * 10n ** BigInt(24 - scale);
        expect(decimalText(left) === decimalText(right)).toBe(scaled(left) === scaled(right));
      }),
    );
  });
});

describe('parseDecimal', () => {
  it.each<[string, bigint, number]>([
    ['0', 0n, 0],
    ['0.00', 0n, 0],
    ['-0.0', 0n, 0],
    ['11.11', 1111n, 2],
    ['11.1', 111n, 1],
    ['11.10', 111n, 1],
    ['120.0', 120n, 0],
    ['130', 130n, 0],
    ['130.0', 130n, 0],
    ['1.0E7', 10_000_000n, 0],
    ['1.234567891E7', 1_234_567_891n, 2],
    ['1e3', 1000n, 0],
    ['1E+3', 1000n, 0],
    ['5.0E-4', 5n, 4],
    ['007.50', 75n, 1],
    ['-11.11', -1111n, 2],
    ['9007199254740993.01', 900_719_925_474_099_301n, 2],
  ])('reads %s exactly', (text, digits, scale) => {
    expect(parseDecimal(text)).toEqual({ digits, scale });
  });

  it.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['blanks around', ' 5 '],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['minus Infinity', '-Infinity'],
    ['a thousands comma', '1,000.00'],
    ['a decimal comma', '11,11'],
    ['no digit before the point', '.5'],
    ['no digit after the point', '5.'],
    ['a plus sign', '+5'],
    ['two signs', '--5'],
    ['two points', '1.2.3'],
    ['an empty exponent', '1e'],
    ['a fractional exponent', '1e1.5'],
    ['hexadecimal', '0x10'],
    ['digits of another script', '١٢'],
    ['a currency', '5 EUR'],
    ['an exponent beyond any amount', '1e41'],
    ['an exponent that would fill the memory', '1e9999'],
    ['an even longer exponent', '1e999999999'],
    ['more digits than any amount', '1'.repeat(65)],
    ['the text null', 'null'],
  ])('rejects %s', (_what, text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it('reads any double in scientific form exactly', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), (value) => {
        const { digits, scale } = parsed(value.toExponential());
        expect(Number(`${digits}e-${scale}`)).toBe(value);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseDecimal(text)));
  });
});

describe('equalDecimals', () => {
  it.each([
    ['130.0', '130.00'],
    ['130.0', '1.3E2'],
    ['1.0E7', '10000000'],
    ['5.0E-4', '0.0005'],
    ['0', '-0.00'],
  ])('holds for %s and %s', (left, right) => {
    expect(equalDecimals(parsed(left), parsed(right))).toBe(true);
  });

  it.each([
    ['130.0', '13.00'],
    ['130.0', '130.01'],
    ['130', '-130'],
    ['9007199254740992', '9007199254740993'],
  ])('does not hold for %s and %s', (left, right) => {
    expect(equalDecimals(parsed(left), parsed(right))).toBe(false);
  });

  it('does not need the smallest scale', () => {
    expect(equalDecimals({ digits: 1300n, scale: 2 }, { digits: 13n, scale: 0 })).toBe(true);
  });

  it('agrees with comparing in minor units', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -9999n, max: 9999n }),
        fc.bigInt({ min: -9999n, max: 9999n }),
        fc.nat(4),
        (left, right, exponent) => {
          const equal = equalDecimals(
            decimalFromMinor({ minor: left, exponent }),
            decimalFromMinor({ minor: right, exponent }),
          );
          expect(equal).toBe(left === right);
        },
      ),
    );
  });
});

describe('minor units', () => {
  it('survive a round trip through a decimal', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(6), (minor, exponent) => {
        expect(minorFromDecimal(decimalFromMinor({ minor, exponent }), exponent)).toBe(minor);
      }),
    );
  });

  it.each([
    ['11.11', 2, 1111n],
    ['130.0', 2, 13_000n],
    ['130.0', 0, 130n],
    ['1.0E7', 2, 1_000_000_000n],
    ['0.005', 3, 5n],
    ['0.005', 2, undefined],
    ['11.1', 0, undefined],
  ])('of %s with %i decimals are %s', (text, exponent, minor) => {
    expect(minorFromDecimal(parsed(text), exponent)).toBe(minor);
  });
});

describe('formatBillAmount', () => {
  it.each([
    [1n, 2, '0.01'],
    [10n, 2, '0.10'],
    [100n, 2, '1.00'],
    [1111n, 2, '11.11'],
    [5n, 1, '0.50'],
    [500n, 0, '500.00'],
    [1230n, 3, '1.23'],
    [9_999_999_999n, 2, '99999999.99'],
  ])('formats %i with %i decimals as %s', (minor, exponent, text) => {
    expect(billAmountFault({ minor, exponent })).toBeUndefined();
    expect(formatBillAmount({ minor, exponent })).toBe(text);
  });

  it.each<[string, bigint, number, BillAmountFault]>([
    ['a third decimal', 1234n, 3, 'too_many_decimals'],
    ['a third decimal after nine digits', 100_000_000_001n, 3, 'too_many_decimals'],
    ['zero', 0n, 2, 'not_positive'],
    ['a negative amount', -1n, 2, 'not_positive'],
    ['an eleventh digit', 10_000_000_000n, 2, 'too_large'],
    ['an eleventh digit without decimals', 100_000_000n, 0, 'too_large'],
  ])('refuses %s', (_what, minor, exponent, fault) => {
    expect(billAmountFault({ minor, exponent })).toBe(fault);
    expect(() => formatBillAmount({ minor, exponent })).toThrow(RangeError);
  });

  it('is parsed as the same number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 10n - 1n }), (minor) => {
        const text = formatBillAmount({ minor, exponent: 2 });
        expect(text).toMatch(/^\d{1,8}\.\d{2}$/);
        expect(minorFromDecimal(parsed(text), 2)).toBe(minor);
      }),
    );
  });
});
