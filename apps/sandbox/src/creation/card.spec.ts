import { testCards } from '@quittance/gateway-protocol';
import fc from 'fast-check';
import { brandOf, cleanCardNumber, hasReadableBin, passesLuhn, testOutcome } from './card.js';

describe('test cards', () => {
  // Number, outcome, brand and Luhn result of the protocol document, independent of the table in
  // the gateway-protocol library.
  const documented: [string, number, string, boolean][] = [
    ['5111111111111111', 27, 'Mastercard', false],
    ['5123450000000008', 25, 'Mastercard', true],
    ['5555229999997722', 26, 'Mastercard', true],
    ['5555229999999975', 9, 'Mastercard', true],
    ['4111111111111111', 27, 'Visa', true],
    ['4012000033330026', 25, 'Visa', true],
    ['4043409999991437', 26, 'Visa', true],
    ['4029939999997636', 9, 'Visa', true],
    ['30000000000000', 27, 'Diners', false],
    ['30123400000000', 25, 'Diners', true],
    ['36259600000012', 26, 'Diners', true],
    ['35000000000000', 27, 'Unknown', false],
    ['3528000000000007', 25, 'JCB', true],
    ['3528111100000001', 26, 'JCB', true],
  ];

  it.each(documented)('%s gives %d, is %s, and passes Luhn: %s', (number, code, brand, luhnOk) => {
    expect(testOutcome(number)).toBe(code);
    expect(brandOf(number)).toBe(brand);
    expect(passesLuhn(number)).toBe(luhnOk);
  });

  it('are all listed here', () => {
    expect(testCards.map((card) => card.number).toSorted()).toEqual(
      documented.map(([number]) => number).toSorted(),
    );
  });

  it.each(['4242424242424242', '4000000000000002', ''])('do not include %j', (number) => {
    expect(testOutcome(number)).toBeUndefined();
  });
});

describe('brandOf', () => {
  it.each([
    ['2221000000000009', 'Unknown'],
    ['6011000000000004', 'RuPay'],
    ['378282246310005', 'Amex'],
    ['3000000000000000', 'JCB'],
    ['9999999999999995', 'Unknown'],
  ])('returns for %s the brand %s', (number, brand) => {
    expect(brandOf(number)).toBe(brand);
  });
});

describe('a card number', () => {
  it('is cleaned of spaces and dashes', () => {
    expect(cleanCardNumber('4111-1111 1111 1111')).toBe('4111111111111111');
  });

  it.each([
    ['411111', true],
    ['41111', false],
    ['4111x1', false],
    ['', false],
  ])('%j has a readable BIN: %s', (number, readable) => {
    expect(hasReadableBin(number)).toBe(readable);
  });

  it.each(['411111111111', '41111111111111111111', '411111111111111a', '4111111111111112'])(
    '%s fails the check',
    (number) => {
      expect(passesLuhn(number)).toBe(false);
    },
  );

  it('passes with exactly one last digit', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{12,18}$/), (start) => {
        const passing = Array.from('0123456789').filter((digit) => passesLuhn(start + digit));
        expect(passing).toHaveLength(1);
      }),
    );
  });
});
