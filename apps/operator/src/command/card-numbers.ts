// Card numbers typed at the CLI, by mistake or as a test: none is looked up, and none is printed
// back.
import { looksLikeCard } from '@quittance/cards';
import { OperatorError } from '@quittance/operations';

/**
 * Digits and what people put between them; a reference of a payment has a letter, and a refund can
 * be named by its id.
 */
const NUMBER_ALONE = /^[\d\s.\-_/]+$/;

/**
 * Throws {@link OperatorError}, which does not repeat it, when `reference` is a card number and
 * nothing else.
 */
export function refuseCardNumber(reference: string): void {
  if (NUMBER_ALONE.test(reference) && looksLikeCard(reference))
    throw new OperatorError(
      'That seems to be a card number. Name the payment or refund by its reference or id.',
    );
}

/** Digits that could be a card's, alone or in groups (PCI DSS 3.4). */
const CARD_DIGITS = /\p{Nd}(?:[\s.\-_/·,|]{0,3}\p{Nd}){11,}/gu;

/**
 * A text without the digits that could be a card's: what is printed lands in scrollback and in the
 * logs of jobs.
 */
export function withoutCards(text: string): string {
  return text.replaceAll(CARD_DIGITS, '[digits]');
}
