// A card as callers write it, in the request or sealed by themselves, and the rules it has to meet:
// the same at intake and in the worker, which opens a card that its caller sealed. Number and CVV
// leave the schema as CardSecret, with what may be known of the number beside it.
import type { CardSummary } from '@quittance/payments';
import { type Card, CardSecret } from '@quittance/vault';
import { z } from 'zod';
import { findTestCard } from '@quittance/gateway-protocol';

/**
 * A card number that was read, and all that may be known of it in clear (PCI DSS 4.0.1, 3.4.1: BIN
 * and last four).
 */
export interface CardNumber {
  readonly secret: CardSecret;
  readonly summary: CardSummary;
  readonly passesLuhn: boolean;
}

/** Spaces and dashes are taken as people type them, one at a time between digits. */
const CARD_NUMBER = /^\d(?:[ -]?\d){11,18}$/;

export const cardSchema = z
  .strictObject({
    number: z
      .string()
      .regex(CARD_NUMBER, 'Must be 12 to 19 digits; single spaces or dashes between them are fine.')
      .transform((typed) => cardNumber(typed.replaceAll(/[ -]/g, '')))
      .meta({
        description: 'Never stored in clear, never shown again.',
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
  .meta({ description: 'Required for CC and DC unless `card_jwe` is there; refused otherwise.' });

/** A card whose fields are each right by themselves. */
export type ReadCard = z.infer<typeof cardSchema>;

function cardNumber(digits: string): CardNumber {
  return {
    secret: new CardSecret(digits),
    summary: { brand: cardBrand(digits), first6: digits.slice(0, 6), last4: digits.slice(-4) },
    passesLuhn: passesLuhn(digits),
  };
}

/** One fault, at a field of the card. The message never quotes the card. */
export interface CardFault {
  readonly path: 'number' | 'exp_year';
  readonly code: 'invalid_card_number' | 'card_expired';
  readonly message: string;
}

/** What a card is judged by besides itself. */
export interface CardJudgement {
  readonly now: Date;
  /** `undefined` where the terminal is not known: its rule is left out then. */
  readonly mode: 'test' | 'live' | undefined;
}

/** What is wrong with the sound fields of a card. */
export function cardFaults(
  { number, exp_month, exp_year }: Partial<ReadCard>,
  { now, mode }: CardJudgement,
): CardFault[] {
  const faults: CardFault[] = [];
  if (exp_month !== undefined && exp_year !== undefined && hasEnded(exp_month, exp_year, now))
    faults.push({ path: 'exp_year', code: 'card_expired', message: 'The card has expired.' });
  // On a test terminal every number goes to the gateway: some of its test cards fail Luhn, and a
  // refusal is worth testing too.
  if (number && mode === 'live' && !number.passesLuhn)
    faults.push({
      path: 'number',
      code: 'invalid_card_number',
      message: 'Is not a card number.',
    });
  return faults;
}

/**
 * A card is good until its last month has ended everywhere; the last time zone is twelve hours
 * behind UTC.
 */
const LAST_TIME_ZONE_HOURS = 12;

function hasEnded(month: string, year: string, now: Date): boolean {
  // The month counts from 0 in Date.UTC, so the card's own month number is the following month.
  const end = Date.UTC(2000 + Number(year), Number(month), 1, LAST_TIME_ZONE_HOURS);
  return now.getTime() >= end;
}

/** The card of a request that was read. */
export function cardOf({ number, cvv, exp_month: expMonth, exp_year: expYear }: ReadCard): Card {
  return { number: number.secret, cvv, expMonth, expYear };
}

/**
 * The card that a caller sealed, judged by the rules of intake; `undefined` when it would have been
 * refused there.
 */
export function readCallerCard(value: unknown, judgement: CardJudgement): Card | undefined {
  const read = cardSchema.safeParse(value);
  if (!read.success || cardFaults(read.data, judgement).length > 0) return undefined;
  return cardOf(read.data);
}

/** Schemes we can name. */
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
 * First digits, both ends included and equally long. Ranges that lie within another's come first.
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
 * The brand of a number (digits only); the gateway's test cards have the one the gateway says they
 * have.
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

/** Whether the last digit of `digits` is the right one. */
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
