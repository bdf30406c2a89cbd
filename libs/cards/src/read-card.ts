// From a card as it was read to the card that is sealed or sent.
import type { Card } from '@quittance/vault';
import { cardFaults, type CardJudgement } from './card-faults.js';
import { cardSchema, type ReadCard } from './card.schema.js';

/** The card of a request that was read. */
export function cardOf({ number, cvv, exp_month: expMonth, exp_year: expYear }: ReadCard): Card {
  return { number: number.secret, cvv, expMonth, expYear };
}

/** The card that a caller sealed, judged by the rules of intake; `undefined` when it would have been refused there. */
export function readCallerCard(value: unknown, judgement: CardJudgement): Card | undefined {
  const read = cardSchema.safeParse(value);
  if (!read.success || cardFaults(read.data, judgement).length > 0) return undefined;
  return cardOf(read.data);
}
