// Detects card data in texts. A stored text may contain neither a card number (PCI DSS 3.3, 3.5)
// nor a security code (PCI DSS 3.3.1), whoever wrote it, in any spelling that a program or a person
// can reverse.
import { findTestCard } from '@quittance/gateway-protocol';
import { cardBrand, type CardBrand, passesLuhn } from './card.js';

/**
 * The lengths that each scheme issues. The shorter lengths of the past are order numbers, barcodes
 * and telephone numbers today.
 */
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

/**
 * True when a reading has as many digits as a card number, no farther apart than groups are. Few
 * readings do, so callers use this as a cheap filter.
 */
export function hasEnoughDigits(reading: string): boolean {
  return ENOUGH_DIGITS.test(reading);
}

/**
 * True when the text contains a possible card number: digits of a length and range that the scheme
 * issues, with a valid check digit, or a test card of the gateway. Detects every script, encoding
 * and grouping; a letter ends a group. Only whole groups count, so that a date before a number
 * cannot hide it.
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

/** The schemes' names for a security code, and common spellings. */
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

/**
 * True when a reading may name a security code. Few readings do, so callers use this as a cheap
 * filter.
 */
export function mentionsSecurityCode(reading: string): boolean {
  return MENTION.test(reading);
}

/**
 * True when a member with this name and value is a security code: `cvv`, `card_cvc` or
 * `securityCode` with three or four digits.
 */
export function isSecurityCode(name: string, value: string): boolean {
  return (
    readings(name).some((reading) => mentionsSecurityCode(reading) && NAME.test(words(reading))) &&
    readings(value).some((reading) => CODE.test(reading))
  );
}

/** True when a text names a security code and gives its value: `CVV 123`, `?cvc=1234`. */
export function holdsSecurityCode(text: string): boolean {
  return readings(text).some(
    (reading) => mentionsSecurityCode(reading) && NAMED.test(words(reading)),
  );
}

/**
 * Returns `card security code` for `cardSecurityCode`, `card-security_code` and
 * `card-security_code:`.
 */
function words(text: string): string {
  return text
    .replaceAll(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The depth to which nested encodings are decoded. */
const DEPTH_MAX = 3;
/** The number of readings after which decoding stops; a text with more was made to be expensive. */
const READINGS_MAX = 32;

const PERCENT = /(?:%[0-9a-f]{2})+/gi;
const ESCAPE =
  /&#\d{1,7};?|&#x[0-9a-f]{1,6};?|\\u[0-9a-f]{4}|\\u\{[0-9a-f]{1,6}\}|\\x[0-9a-f]{2}/gi;
/**
 * Fourteen digits, the shortest number that is detected, take 19 characters in base64 and 28 in
 * hex.
 */
const BASE64 = /[A-Za-z0-9+/_-]{18,}/g;
const HEX = /[0-9a-f]{26,}/gi;
const NOT_PLAIN = /[^\x20-\x7e]/;
const MAY_HIDE = /[^\x20-\x7e]|%[0-9A-Fa-f]{2}|&#|\\[ux]|[A-Za-z0-9+/_-]{18,}/;

/**
 * True when a text may contain encoded characters. Few texts do, so callers use this as a cheap
 * filter.
 */
export function mayHide(text: string): boolean {
  return MAY_HIDE.test(text);
}

/** Returns `text` with ASCII digits, and every text that its escapes, base64 and hex decode to. */
export function readings(text: string): readonly string[] {
  if (!mayHide(text)) return [text];
  const found = new Set<string>();
  let layer = [text];
  for (let depth = 0; depth <= DEPTH_MAX && layer.length > 0; depth += 1) {
    const read = layer.map(withAsciiDigits).filter((reading) => !found.has(reading));
    for (const reading of read) if (found.size < READINGS_MAX) found.add(reading);
    layer = found.size < READINGS_MAX ? read.flatMap(decoded) : [];
  }
  return [...found];
}

function decoded(text: string): string[] {
  const unescaped = text
    .replaceAll(PERCENT, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
    .replaceAll(ESCAPE, characterOf);
  return [
    unescaped,
    // An encoded text may begin at any offset within its neighbours.
    ...(text.match(BASE64) ?? []).flatMap((run) =>
      [0, 1, 2, 3].map((from) => asciiIn(Buffer.from(run.slice(from), 'base64'))),
    ),
    ...(text.match(HEX) ?? []).flatMap((run) =>
      [0, 1].map((from) => asciiIn(Buffer.from(run.slice(from), 'hex'))),
    ),
  ];
}

/**
 * Returns the ASCII characters of the bytes. In UTF-16 the second byte of each ASCII character is
 * zero.
 */
function asciiIn(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll('\0', '')
    .replaceAll(/[^\x20-\x7e]+/g, ' ');
}

function characterOf(escape: string): string {
  const base = /^&#\d/.test(escape) ? 10 : 16;
  const code = Number.parseInt(escape.replace(/^(?:&#x?|\\u\{?|\\x)/i, ''), base);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : escape;
}

/**
 * Returns the text with the decimal digits of every script as ASCII, and with other compatibility
 * characters replaced by the plain ones they stand for (NFKC).
 */
function withAsciiDigits(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return text
    .normalize('NFKC')
    .replaceAll(/[〇零一二三四五六七八九]/g, (numeral) => CHINESE[numeral] ?? numeral)
    .replaceAll(/\p{Nd}/gu, asciiDigit);
}

const CHINESE: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('零一二三四五六七八九〇', (numeral, value) => [numeral, String(value % 10)]),
);

/**
 * Returns the ASCII form of a decimal digit. Unicode places the ten digits of each script side by
 * side from zero up, so each run of digits starts with a zero.
 */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}
