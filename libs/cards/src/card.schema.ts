// A card as callers write it: in the request, or sealed by themselves. What is read is out of sight from here on: the number
// and the CVV leave this schema as CardSecret, with what may be known of the number beside it.
import type { CardSummary } from '@quittance/payments';
import { CardSecret } from '@quittance/vault';
import { z } from 'zod';
import { cardBrand } from './card-brand.js';
import { passesLuhn } from './luhn.js';

/** A card number that was read, and all that may be known of it in clear (PCI DSS 4.0.1, 3.4.1: BIN and last four). */
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
