// Parses and checks a card as a caller writes it, in the request or encrypted by the caller. The
// rules are the same at intake and in the worker, which decrypts a caller's card. Number and CVV
// leave the schema as CardSecret, with the displayable parts of the number beside them.
import type { CardSummary } from '@quittance/payments';
import { type Card, CardSecret } from '@quittance/vault';
import { z } from 'zod';
import { findTestCard } from '@quittance/gateway-protocol';

/**
 * A parsed card number, and the parts of it that may be stored in clear (PCI DSS 4.0.1, 3.4.1: BIN
 * and last four).
 */
export interface CardNumber {
  readonly secret: CardSecret;
  readonly summary: CardSummary;
  readonly passesLuhn: boolean;
}

/** Accepts single spaces or dashes between digits, as people type them. */
const CARD_NUMBER = /^\d(?:[ -]?\d){11,18}$/;

export const cardSchema = z
  .strictObject({
    number: z
      .string()
      .regex(CARD_NUMBER, 'Must be 12 to 19 digits; single spaces or dashes between them are fine.')
      .transform((typed) => cardNumber(typed.replaceAll(/[ -]/g, '')))
      .meta({
        description: 'Never stored in clear and never returned.',
        examples: ['4012000033330026'],
      }),
    cvv: z
      .string()
      .regex(/^\d{3,4}$/, 'Must be 3 or 4 digits.')
      .transform((digits) => new CardSecret(digits))
      .meta({ examples: ['123'] }),
    exp_month: z
      .string()
      .regex(/^(0[1-9]|1[0-2])$/, 'Must be 01 to 12.')
      .meta({ examples: ['01'] }),
    exp_year: z
      .string()
      .regex(/^(20)?\d\d$/, 'Must be a year of this century, with two digits or four.')
      .transform((year) => year.slice(-2))
      .meta({ examples: ['30'] }),
  })
  .meta({
    description: 'Required for CC and DC unless `card_jwe` is present; rejected for other methods.',
  });

/** A card whose fields are each valid on their own. */
export type ReadCard = z.infer<typeof cardSchema>;

function cardNumber(digits: string): CardNumber {
  return {
    secret: new CardSecret(digits),
    summary: { brand: cardBrand(digits), first6: digits.slice(0, 6), last4: digits.slice(-4) },
    passesLuhn: passesLuhn(digits),
  };
}

/** A fault in one field of a card. The message never quotes the card. */
export interface CardFault {
  readonly path: 'number' | 'exp_year';
  readonly code: 'invalid_card_number' | 'card_expired';
  readonly message: string;
}

/** The context in which a card is checked. */
export interface CardJudgement {
  readonly now: Date;
  /** `undefined` when the terminal is unknown; its rule then does not apply. */
  readonly mode: 'test' | 'live' | undefined;
}

/** Returns the faults in those fields of a card that parsed. */
export function cardFaults(
  { number, exp_month, exp_year }: Partial<ReadCard>,
  { now, mode }: CardJudgement,
): CardFault[] {
  const faults: CardFault[] = [];
  if (exp_month !== undefined && exp_year !== undefined && hasEnded(exp_month, exp_year, now))
    faults.push({ path: 'exp_year', code: 'card_expired', message: 'The card has expired.' });
  // A test terminal sends every number to the gateway: some of its test cards fail the Luhn check,
  // and a merchant may want to test a refusal.
  if (number && mode === 'live' && !number.passesLuhn)
    faults.push({
      path: 'number',
      code: 'invalid_card_number',
      message: 'Is not a card number.',
    });
  return faults;
}

/**
 * A card is valid until its last month has ended everywhere; the last time zone is twelve hours
 * behind UTC.
 */
const LAST_TIME_ZONE_HOURS = 12;

function hasEnded(month: string, year: string, now: Date): boolean {
  // Date.UTC counts months from 0, so the card's month number is the following month.
  const end = Date.UTC(2000 + Number(year), Number(month), 1, LAST_TIME_ZONE_HOURS);
  return now.getTime() >= end;
}

/** Returns the card of a parsed request. */
export function cardOf({ number, cvv, exp_month: expMonth, exp_year: expYear }: ReadCard): Card {
  return { number: number.secret, cvv, expMonth, expYear };
}

/**
 * Parses a card that the caller encrypted and checks it by the rules of intake. Returns `undefined`
 * when intake would have rejected it.
 */
export function readCallerCard(value: unknown, judgement: CardJudgement): Card | undefined {
  const read = cardSchema.safeParse(value);
  if (!read.success || cardFaults(read.data, judgement).length > 0) return undefined;
  return cardOf(read.data);
}

/** The schemes that Quittance recognizes. */
export const cardBrands = [
  'visa',
  'mastercard',
  'amex',
  'diners',
  'jcb',
  'discover',
  'rupay',
  'maestro',
  'unionpay',
  'unknown',
] as const;
export type CardBrand = (typeof cardBrands)[number];

/**
 * Ranges of first digits, both ends inclusive and of equal length. A range within another comes
 * first.
 */
const RANGES: ReadonlyArray<readonly [brand: CardBrand, from: string, to: string]> = [
  ['amex', '34', '34'],
  ['amex', '37', '37'],
  ['diners', '300', '305'],
  ['diners', '3095', '3095'],
  ['diners', '36', '36'],
  ['diners', '38', '39'],
  ['jcb', '3528', '3589'],
  ['visa', '4', '4'],
  ['mastercard', '51', '55'],
  ['mastercard', '2221', '2720'],
  ['discover', '6011', '6011'],
  ['discover', '644', '649'],
  ['rupay', '6521', '6522'],
  ['discover', '65', '65'],
  ['rupay', '508', '508'],
  ['rupay', '60', '60'],
  ['unionpay', '62', '62'],
  ['unionpay', '8100', '8171'],
  ['rupay', '8172', '8299'],
  ['maestro', '50', '50'],
  ['maestro', '56', '58'],
  ['maestro', '63', '63'],
  ['maestro', '67', '67'],
];

/**
 * Returns the brand of a number (digits only). The gateway's test cards have the brand that the
 * gateway gives them.
 */
export function cardBrand(number: string): CardBrand {
  const testCard = findTestCard(number);
  if (testCard) return testCard.network;
  const match = RANGES.find(([, from, to]) => {
    const prefix = number.slice(0, from.length);
    return from <= prefix && prefix <= to;
  });
  return match?.[0] ?? 'unknown';
}

/** True when the last of `digits` is a valid Luhn check digit. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  let isDoubled = false;
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    const digit = digits.charCodeAt(index) - 48;
    const doubled = digit * 2;
    sum += isDoubled ? (doubled > 9 ? doubled - 9 : doubled) : digit;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}
