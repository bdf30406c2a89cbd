// Represents amounts as whole minor units in a bigint. Only this file converts between text and
// money.

/** An exact amount: `minor` counts the currency's smallest unit (1111 EUR cents = 11.11 EUR). */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}

/** The reason why a text is not an amount of its currency. */
export type AmountProblem =
  'not_a_decimal' | 'unknown_currency' | 'too_many_decimals' | 'not_positive';

const PLAIN_DECIMAL = /^(\d{1,20})(?:\.(\d{1,10}))?$/;

/**
 * Parses `"11.11"` exactly. Rejects signs, exponents, blanks, thousands separators, and more
 * decimals than the currency has, even zeros.
 */
export function parseAmount(text: string, currency: string): Money | AmountProblem {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) return 'unknown_currency';
  const match = PLAIN_DECIMAL.exec(text);
  if (!match) return 'not_a_decimal';
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > exponent) return 'too_many_decimals';
  const minor = BigInt(whole + fraction.padEnd(exponent, '0'));
  return minor === 0n ? 'not_positive' : { minor, currency };
}

/**
 * Formats `{ minor: 1111n, currency: 'EUR' }` as `"11.11"`, always with all decimals of the
 * currency.
 */
export function formatAmount({ minor, currency }: Money): string {
  const exponent = currencyExponent(currency) ?? 2;
  const digits = minor.toString().padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * Compares as numbers. `decimal` is in lowest terms, without trailing zeros in its fraction:
 * `"130"` equals 130.00 EUR and `"11.1"` equals 11.10 EUR.
 */
export function isSameAmount(money: Money, decimal: string): boolean {
  const [whole = '', fraction = ''] = formatAmount(money).split('.');
  const significant = fraction.replace(/0+$/, '');
  return decimal === (significant === '' ? whole : `${whole}.${significant}`);
}

// ISO 4217 alphabetic codes by number of minor-unit digits, so that "1.5" JPY is rejected instead
// of rounded.

const BY_EXPONENT: ReadonlyArray<readonly [exponent: number, codes: string]> = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
      'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR ' +
      'JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD ' +
      'NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN ' +
      'SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
];

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  BY_EXPONENT.flatMap(([exponent, codes]) =>
    codes.split(' ').map((code) => [code, exponent] as const),
  ),
);

/**
 * Returns the number of minor-unit digits of an ISO 4217 currency (EUR 2, JPY 0, KWD 3);
 * `undefined` for an unknown code.
 */
export function currencyExponent(currency: string): number | undefined {
  return EXPONENTS.get(currency);
}

/** Every known ISO 4217 code, sorted, for schemas and documents. */
export const currencyCodes: readonly string[] = [...EXPONENTS.keys()].toSorted();
