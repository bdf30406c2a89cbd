// Implements the gateway's handling of card numbers (protocol §1.2, §10): cleaning, brand, Luhn,
// test outcome.
import { findTestCard, type TestCard } from '@quittance/gateway-protocol';

/** The codes of the test cards of §10. */
const testCodes: Readonly<Record<TestCard['orderStatus'], number>> = {
  test3ds: 27,
  testApproved: 25,
  testDeclined: 26,
  test: 9,
};

/** Returns the number without spaces and dashes. */
export function cleanCardNumber(ccno: string): string {
  return ccno.replaceAll(/[ -]/g, '');
}

/**
 * True when the number starts with six digits. The server's BIN step fails on any other number
 * (§1.2).
 */
export function hasReadableBin(number: string): boolean {
  return /^\d{6}/.test(number);
}

/** Returns the gateway's code for a test card, or undefined for any other number. */
export function testOutcome(number: string): number | undefined {
  const card = findTestCard(number);
  return card && testCodes[card.orderStatus];
}

/**
 * True for 13 to 19 digits with a valid check digit; the gateway answers any other number with
 * error 1113.
 */
export function passesLuhn(number: string): boolean {
  if (!/^\d{13,19}$/.test(number)) return false;
  let sum = 0;
  for (let position = 0; position < number.length; position += 1) {
    const digit = Number(number[number.length - 1 - position]);
    const weighted = position % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** The brands in order: the first matching pattern wins, with the quirks of §10. */
const brands: readonly (readonly [RegExp, string])[] = [
  [/^4/, 'Visa'],
  // The server does not know Mastercard's 2-series.
  [/^5[1-5]\d{14}$/, 'Mastercard'],
  [/^3[47]\d{13}$/, 'Amex'],
  [/^3(?:0[0-5]|[68]\d)\d{11}$/, 'Diners'],
  // Any 16 digits that start with 3, whatever their range.
  [/^3\d{15}$/, 'JCB'],
  // Elsewhere 6011 is Discover.
  [/^(?:60|65|81|82)\d{14}$/, 'RuPay'],
];

export function brandOf(number: string): string {
  return brands.find(([pattern]) => pattern.test(number))?.[1] ?? 'Unknown';
}
