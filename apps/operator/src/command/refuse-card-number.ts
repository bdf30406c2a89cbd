// A card number typed where a reference belongs: it would go into Postgres's log of statements and be printed back.
import { looksLikeCard } from '@quittance/cards';
import { OperatorError } from './operator-error.js';

/** Digits and what people put between them; a reference of a payment has a letter, and a refund can be named by its id. */
const NUMBER_ALONE = /^[\d\s.\-_/]+$/;

/** Throws {@link OperatorError}, which does not repeat it, when `reference` is a card number and nothing else. */
export function refuseCardNumber(reference: string): void {
  if (NUMBER_ALONE.test(reference) && looksLikeCard(reference))
    throw new OperatorError(
      'That seems to be a card number. Name the payment or refund by its reference or id.',
    );
}
