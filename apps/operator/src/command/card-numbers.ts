// Rejects and masks card numbers typed at the CLI. None is looked up, and none is printed.
import { looksLikeCard } from '@quittance/cards';
import { OperatorError } from '@quittance/operations';

/**
 * Digits and common separators. A payment's reference contains a letter, and a refund can be named
 * by its id.
 */
const NUMBER_ALONE = /^[\d\s.\-_/]+$/;

/**
 * Throws {@link OperatorError} when `reference` is a card number and nothing else. The message does
 * not repeat it.
 */
export function refuseCardNumber(reference: string): void {
  if (NUMBER_ALONE.test(reference) && looksLikeCard(reference))
    throw new OperatorError(
      'That looks like a card number. Name the payment or refund by its reference or id.',
    );
}

/** Digits that may be a card number, alone or in groups (PCI DSS 3.4). */
const CARD_DIGITS = /\p{Nd}(?:[\s.\-_/·,|]{0,3}\p{Nd}){11,}/gu;

/**
 * Returns the text without digits that may be a card number, because output ends up in scrollback
 * and in job logs.
 */
export function withoutCards(text: string): string {
  return text.replaceAll(CARD_DIGITS, '[digits]');
}
