// The code printed on a card may not be kept at all once a payment was authorised, not even sealed (PCI DSS 3.3.1). Three digits
// alone tell nothing; what names them does.
import { readings } from './readings.js';

/** The schemes' names for it, and what people write. */
const NAMES = [
  'cvv2?',
  'cvc2?',
  'cvn2?',
  'cav2',
  'cvd',
  'csc',
  '(?:card )?security code',
  'card code',
  'card verification (?:code|value|number)',
].join('|');
const NAME = new RegExp(`(?:^| )(?:${NAMES})(?: |$)`);
const NAMED = new RegExp(`(?:^| )(?:${NAMES})(?: is)? \\d{3,4}(?: |$)`);
const MENTION = /cv[vcnd]|csc|cav2|security|card\W*code|verification/i;
const CODE = /^\D*\d{3,4}\D*$/;

/** Whether a reading may have one of the names: not so of most. */
export function mentionsSecurityCode(reading: string): boolean {
  return MENTION.test(reading);
}

/** Whether a member of this name and value is one: `cvv`, `card_cvc` or `securityCode` with three or four digits. */
export function isSecurityCode(name: string, value: string): boolean {
  return (
    readings(name).some((reading) => mentionsSecurityCode(reading) && NAME.test(words(reading))) &&
    readings(value).some((reading) => CODE.test(reading))
  );
}

/** Whether a text names one and gives it: `CVV 123`, `?cvc=1234`. */
export function holdsSecurityCode(text: string): boolean {
  return readings(text).some(
    (reading) => mentionsSecurityCode(reading) && NAMED.test(words(reading)),
  );
}

/** `cardSecurityCode`, `card-security_code` and `card-security_code:` as `card security code`. */
function words(text: string): string {
  return text
    .replaceAll(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
