// Texts that are kept, whoever wrote them, may not hold a card number (PCI DSS 3.3, 3.5).
import { findTestCard } from '@quittance/gateway-protocol';
import { cardBrand, type CardBrand } from './card-brand.js';
import { passesLuhn } from './luhn.js';
import { readings } from './readings.js';

/** Lengths that the schemes issue. Shorter ones of old are order numbers, barcodes and telephone numbers today. */
const LENGTHS: Readonly<Record<Exclude<CardBrand, 'unknown'>, readonly number[]>> = {
  visa: [16, 19],
  mastercard: [16],
  amex: [15],
  diners: [14, 16, 19],
  jcb: [16, 17, 18, 19],
  discover: [16, 17, 18, 19],
  rupay: [16],
  maestro: [16, 17, 18, 19],
  unionpay: [16, 17, 18, 19],
};
const DIGITS_MIN = 14;
const DIGITS_MAX = 19;

const ENOUGH_DIGITS = /\d(?:[^\p{L}\p{N}]{0,4}\d){13}/u;
const GROUPS = /\d+(?:[^\p{L}\p{N}]{1,4}\d+)*/gu;

/** Whether a reading has as many digits as a card number, not further apart than groups are: not so of most. */
export function hasEnoughDigits(reading: string): boolean {
  return ENOUGH_DIGITS.test(reading);
}

/**
 * Whether digits, alone or in groups, could be a card's: of a length and range of its scheme and with the right check digit, or
 * a test card of the gateway. In every script, encoding and grouping; letters end a group. Only whole groups count, so that a
 * date before a number hides nothing.
 */
export function looksLikeCard(text: string): boolean {
  return readings(text).some((reading) => {
    if (!hasEnoughDigits(reading)) return false;
    return (reading.match(GROUPS) ?? []).some((run) => {
      const groups = run.match(/\d+/g) ?? [];
      return groups.some((_, from) => startsWithCard(groups, from));
    });
  });
}

function startsWithCard(groups: readonly string[], from: number): boolean {
  let digits = '';
  for (let at = from; at < groups.length && digits.length < DIGITS_MAX; at += 1) {
    digits += groups[at];
    if (digits.length >= DIGITS_MIN && isCardNumber(digits)) return true;
  }
  return false;
}

function isCardNumber(digits: string): boolean {
  if (findTestCard(digits)) return true;
  const brand = cardBrand(digits);
  return brand !== 'unknown' && LENGTHS[brand].includes(digits.length) && passesLuhn(digits);
}
