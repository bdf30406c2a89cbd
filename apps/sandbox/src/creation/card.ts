// What the gateway makes of a card number (protocol §1.2, §10): cleaning, brand, Luhn, test
// outcome.
import { findTestCard, type TestCard } from '@quittance/gateway-protocol';

/** The codes the test cards of §10 answer with. */
const testCodes: Readonly<Record<TestCard['orderStatus'], number>> = {
  test3ds: 27,
  testApproved: 25,
  testDeclined: 26,
  test: 9,
};

/** Spaces and dashes are stripped. */
export function cleanCardNumber(ccno: string): string {
  return ccno.replaceAll(/[ -]/g, '');
}

/**
 * Fewer than six characters, or anything but digits among the first six, breaks the server's BIN
 * step (§1.2).
 */
export function hasReadableBin(number: string): boolean {
  return /^\d{6}/.test(number);
}

/** The code the gateway answers a test card with, or undefined for every other number. */
export function testOutcome(number: string): number | undefined {
  const card = findTestCard(number);
  return card && testCodes[card.orderStatus];
}

/** 13 to 19 digits with a right check digit; anything else is error 1113. */
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

/** Ordered: the first pattern that fits names the brand, with the quirks of §10. */
const brands: readonly (readonly [RegExp, string])[] = [
  [/^4/, 'Visa'],
  // The 2-series of Mastercard is not known to the server.
  [/^5[1-5]\d{14}$/, 'Mastercard'],
  [/^3[47]\d{13}$/, 'Amex'],
  [/^3(?:0[0-5]|[68]\d)\d{11}$/, 'Diners'],
  // Any 16 digits that begin with 3, whatever their range.
  [/^3\d{15}$/, 'JCB'],
  // 6011 is Discover's elsewhere.
  [/^(?:60|65|81|82)\d{14}$/, 'RuPay'],
];

export function brandOf(number: string): string {
  return brands.find(([pattern]) => pattern.test(number))?.[1] ?? 'Unknown';
}
