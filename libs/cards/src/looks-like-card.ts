// Texts that are kept, whoever wrote them, may not hold a card number (PCI DSS 3.3, 3.5).
import { findTestCard } from '@quittance/gateway-protocol';
import { cardBrand } from './card-brand.js';
import { passesLuhn } from './luhn.js';

/** Primary account numbers have 13 to 19 digits (ISO/IEC 7812-1). */
const CARD_DIGITS = { min: 13, max: 19 };

/** Most texts have too few digits that are not further apart than groups are, and that is quickly told. */
const ENOUGH_DIGITS = /\d(?:[\s.\-_/·]{0,3}\d){12}/u;

/**
 * Whether digits, alone or in groups, could be a card's: of its length, in a scheme's range and with the right check digit, or
 * a test card of the gateway. Only whole groups count, so that a date before a number hides nothing.
 */
export function looksLikeCard(text: string): boolean {
  const plain = text.normalize('NFKC');
  if (!ENOUGH_DIGITS.test(plain)) return false;
  const runs = plain.match(/\d+(?:[\s.\-_/·]{1,3}\d+)*/gu) ?? [];
  return runs.some((run) => {
    const groups = run.match(/\d+/g) ?? [];
    return groups.some((_, from) => startsWithCard(groups.slice(from)));
  });
}

function startsWithCard(groups: readonly string[]): boolean {
  let digits = '';
  for (const group of groups) {
    digits += group;
    if (digits.length > CARD_DIGITS.max) return false;
    if (digits.length >= CARD_DIGITS.min && isCardNumber(digits)) return true;
  }
  return false;
}

function isCardNumber(digits: string): boolean {
  if (findTestCard(digits)) return true;
  return cardBrand(digits) !== 'unknown' && passesLuhn(digits);
}
