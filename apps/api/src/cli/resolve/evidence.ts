// What a person writes down about why: short, in one line, and without a card number, because it is kept for ever and shown.
import { cardBrand, passesLuhn } from '@quittance/cards';
import { findTestCard } from '@quittance/gateway-protocol';
import { OperatorError } from '../operator-error.js';

const LENGTH_MAX = 1_000;
const NAME_LENGTH_MAX = 100;
/** Primary account numbers have 13 to 19 digits (ISO/IEC 7812-1). */
const CARD_DIGITS = { min: 13, max: 19 };

/** The evidence as it is kept. Throws {@link OperatorError}. */
export function checkEvidence(text: string): string {
  const evidence = checked(text, { what: '--evidence', lengthMax: LENGTH_MAX });
  if (looksLikeCard(evidence)) {
    throw new OperatorError(
      '--evidence seems to hold a card number, which may not be kept. Leave it out; of a transID give the last digits.',
    );
  }
  return evidence;
}

/** Who resolves, as it is kept. Throws {@link OperatorError}. */
export function checkName(text: string): string {
  const name = checked(text, { what: '--by', lengthMax: NAME_LENGTH_MAX });
  if (looksLikeCard(name)) throw new OperatorError('--by is a name.');
  return name;
}

function checked(text: string, { what, lengthMax }: { what: string; lengthMax: number }): string {
  const trimmed = text.trim();
  const length = Array.from(trimmed).length;
  if (length < 1 || length > lengthMax || /\p{Cc}/u.test(trimmed)) {
    throw new OperatorError(`${what} is one line of 1 to ${lengthMax} characters.`);
  }
  return trimmed;
}

/**
 * Whether digits, alone or in groups, could be a card's: of its length, in a scheme's range and with the right check digit, or
 * a test card of the gateway. Only whole groups count, so that a date before a number hides nothing.
 */
export function looksLikeCard(text: string): boolean {
  const runs = text.normalize('NFKC').match(/\d+(?:[\s.\-_/·]{1,3}\d+)*/gu) ?? [];
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
