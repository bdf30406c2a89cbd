// Arbitrary amounts for property tests.
import fc from 'fast-check';
import { currencyCodes, currencyExponent } from '../src/money.js';

/** An amount that callers can request: at most dec(10,2) in major units, in any currency. */
export const someAmount = fc
  .tuple(fc.constantFrom(...currencyCodes), fc.bigInt(1n, 9_999_999_999n))
  .map(([currency, hundredths]) => {
    const exponent = currencyExponent(currency) ?? 2;
    if (exponent === 0) return { minor: (hundredths % 99_999_999n) + 1n, currency };
    return { minor: hundredths * 10n ** BigInt(exponent - 2), currency };
  });
