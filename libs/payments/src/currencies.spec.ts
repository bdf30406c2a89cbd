// ISO 4217, as far as a wrong entry makes an amount wrong.
import { currencyCodes, currencyExponent } from './money.js';

describe('the decimals of a currency', () => {
  it.each([
    ['EUR', 2],
    ['USD', 2],
    ['INR', 2],
    ['XCG', 2],
    ['JPY', 0],
    ['KRW', 0],
    ['VND', 0],
    ['UGX', 0],
    ['ISK', 0],
    ['KWD', 3],
    ['BHD', 3],
    ['TND', 3],
  ])('of %s are %s', (code, digits) => expect(currencyExponent(code)).toBe(digits));

  it.each(['XXX', 'XTS', 'eur', 'EURO', 'EU', '', ' EUR', 'DEM', '978', 'constructor'])(
    'of %p are unknown',
    (code) => expect(currencyExponent(code)).toBeUndefined(),
  );
});

describe('the list of currencies', () => {
  it('is sorted, has no repeats, and contains only three-letter codes', () => {
    expect(currencyCodes).toEqual([...new Set(currencyCodes)].toSorted());
    expect(currencyCodes.filter((code) => !/^[A-Z]{3}$/.test(code))).toEqual([]);
  });

  it.each([
    [0, 17],
    [3, 7],
  ])('has with %s decimals exactly %s codes, the rest have two', (digits, count) => {
    expect(currencyCodes.filter((code) => currencyExponent(code) === digits)).toHaveLength(count);
    const odd = currencyCodes.filter((code) => ![0, 2, 3].includes(currencyExponent(code) ?? -1));
    expect(odd).toEqual([]);
  });
});
