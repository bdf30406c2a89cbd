// Finds card data in a field that is stored in clear. Such a mistake of a caller would put it into
// rows, events and responses for ever (PCI DSS 3.3, 3.5). The request's own card number is found in
// any spelling and in pieces. Of other numbers, those that look like card numbers are found.
import {
  hasEnoughDigits,
  holdsSecurityCode,
  isSecurityCode,
  looksLikeCard,
  mayHide,
  mentionsSecurityCode,
  readings,
} from '@quittance/cards';
import type { FaultEntry } from '@quittance/platform';
import { createPaymentSchema } from '../payments/create-payment.schema.js';

/** A shorter text is not a card number, and is rejected as such. */
const NUMBER_LENGTH_MIN = 12;
/**
 * Telephone numbers have at most this many digits (E.164), and many pass the check digit by chance.
 */
const PHONE_DIGITS_MAX = 15;
/** A single digit is part of every number. */
const PIECE_LENGTH_MIN = 2;

/** A text of a request, its top-level field, and the name of the member that contains it. */
interface StrayText {
  readonly field: string;
  readonly name: string;
  readonly text: string;
}

/**
 * Returns the faults of a create request that has card data outside `card`. Paths name fields of
 * the contract, never a caller's own key.
 */
export function strayCardFaults(body: unknown): readonly FaultEntry[] {
  if (!isRecord(body)) return [];
  const texts = textsBesideCard(body);
  const number = cardNumberOf(body);
  if (isClean(texts, number)) return [];
  const numbered = new Set([
    ...(number === undefined ? [] : fieldsHolding(number, texts)),
    ...texts.filter(holdsSomeCard).map(({ field }) => field),
  ]);
  const coded = new Set(texts.filter(holdsCode).map(({ field }) => field));
  return [
    ...[...numbered].map((field) => fault(field, 'card_number', NUMBER_MESSAGE)),
    ...[...coded].map((field) => fault(field, 'card_security_code', CODE_MESSAGE)),
  ];
}

function textsBesideCard(body: Readonly<Record<string, unknown>>): readonly StrayText[] {
  const texts: StrayText[] = [];
  for (const [field, value] of Object.entries(body)) {
    // The vault encrypts these fields.
    if (field === 'card' || field === 'card_jwe') continue;
    if (!Object.hasOwn(createPaymentSchema.shape, field))
      texts.push({ field, name: '', text: field });
    addTexts(texts, value, field, field);
  }
  return texts;
}

/**
 * True when no text contains a suspicious number. One search over all texts settles it for nearly
 * every request.
 */
function isClean(texts: readonly StrayText[], number: string | undefined): boolean {
  // A letter ends a group of digits, a space a run of base64.
  const joined = texts.map(({ text }) => text).join(' x ');
  if (mayHide(joined) || hasEnoughDigits(joined) || mentionsSecurityCode(joined)) return false;
  if (number === undefined) return true;
  const isPiece = ({ text }: StrayText) => /\d/.test(text) && number.startsWith(digitsOf(text));
  return !holds(digitsOf(joined), number) && !texts.some(isPiece);
}

/**
 * True when a text from a create request contains the card's number and so must not be looked up or
 * logged.
 */
export function containsCardOf(body: unknown, text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const number = cardNumberOf(body);
  const read = { field: '', name: '', text };
  return holdsSomeCard(read) || (number !== undefined && fieldsHolding(number, [read]).length > 0);
}

const NUMBER_MESSAGE = 'Holds a card number, which is allowed in `card` only.';
const CODE_MESSAGE = 'Holds a card’s security code, which is allowed in `card` only.';

function fault(field: string, code: string, message: string): FaultEntry {
  return { path: Object.hasOwn(createPaymentSchema.shape, field) ? field : '…', code, message };
}

/** Returns the digits of the request's card, or `undefined` if there are too few to search for. */
function cardNumberOf(body: unknown): string | undefined {
  const card = isRecord(body) ? body['card'] : undefined;
  const given = isRecord(card) ? card['number'] : undefined;
  if (typeof given !== 'string' && typeof given !== 'number') return undefined;
  const number = digitsOf(readings(String(given))[0] ?? '');
  return number.length < NUMBER_LENGTH_MIN ? undefined : number;
}

/**
 * Returns the fields that contain `number`: with any characters between its digits, encoded,
 * backwards, or split over several fields.
 */
function fieldsHolding(number: string, texts: readonly StrayText[]): readonly string[] {
  const read = texts.map(({ field, text }) => ({ field, digits: readings(text).map(digitsOf) }));
  const whole = read.filter(({ digits }) => digits.some((run) => holds(run, number)));
  if (whole.length > 0) return whole.map(({ field }) => field);
  const pieces = read.map(({ field, digits: [digits = ''] }) => ({ field, digits }));
  return [...neighbours(number, pieces), ...scattered(number, pieces)];
}

interface Piece {
  readonly field: string;
  readonly digits: string;
}

function holds(digits: string, number: string): boolean {
  if (digits.length < number.length) return false;
  return digits.includes(number) || digits.includes(Array.from(number).toReversed().join(''));
}

/** Returns the fields over which a number continues, in the order of the request. */
function neighbours(number: string, pieces: readonly Piece[]): readonly string[] {
  const from = pieces
    .map(({ digits }) => digits)
    .join('')
    .indexOf(number);
  if (from < 0) return [];
  let end = 0;
  return pieces
    .filter(({ digits }) => {
      end += digits.length;
      return digits !== '' && end > from && end - digits.length < from + number.length;
    })
    .map(({ field }) => field);
}

/**
 * Returns the fields whose digits together make up a number, in any order. Each piece counts once.
 */
function scattered(number: string, pieces: readonly Piece[]): readonly string[] {
  const alike = new Map<string, string[]>();
  for (const { field, digits } of pieces) {
    if (digits.length < PIECE_LENGTH_MIN || !number.includes(digits)) continue;
    const fields = alike.get(digits);
    if (fields) fields.push(field);
    else alike.set(digits, [field]);
  }
  return findComposition(number, alike) ?? [];
}

/**
 * Returns the fields whose pieces make up `rest`, or `undefined`. Few pieces match at one digit of
 * a number, which bounds the search: some four thousand combinations at worst.
 */
function findComposition(
  rest: string,
  alike: ReadonlyMap<string, string[]>,
): readonly string[] | undefined {
  if (rest === '') return [];
  for (const [digits, fields] of alike) {
    const field = rest.startsWith(digits) ? fields.pop() : undefined;
    if (field === undefined) continue;
    const others = findComposition(rest.slice(digits.length), alike);
    if (others) return [field, ...others];
    fields.push(field);
  }
  return undefined;
}

function holdsSomeCard({ name, text }: StrayText): boolean {
  const isPhone = name === 'phone' && digitsOf(text).length <= PHONE_DIGITS_MAX;
  return !isPhone && looksLikeCard(text);
}

function holdsCode({ name, text }: StrayText): boolean {
  return isSecurityCode(name, text) || holdsSecurityCode(text);
}

/**
 * Adds every text and number of a value, and the names that a caller chose, to `found` in the order
 * of the request.
 */
function addTexts(found: StrayText[], value: unknown, field: string, name: string): void {
  if (typeof value === 'string' || typeof value === 'number') {
    found.push({ field, name, text: String(value) });
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, within] of Object.entries(value)) {
      found.push({ field, name: '', text: inner });
      addTexts(found, within, field, inner);
    }
  }
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D+/g, '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
