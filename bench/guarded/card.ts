// Encryption with Quittance's own code, so that a card costs both contestants the same and the
// figures show what the rest costs.
import { type CardContext, CardSecret, openCard, sealCard } from '@quittance/vault';
import type { PaymentRequest } from '../load/payment.js';

type RequestCard = PaymentRequest['card'];

/** Encrypts the card of a create request for one payment. */
export function encryptCard(card: RequestCard, context: CardContext): Promise<string> {
  const [number, cvv] = [new CardSecret(card.number), new CardSecret(card.cvv)];
  return sealCard({ number, cvv, expMonth: card.exp_month, expYear: card.exp_year }, context);
}

/** Decrypts a payment's card. It is in clear and must not outlive the attempt. */
export async function decryptCard(jwe: string, context: CardContext): Promise<RequestCard> {
  const card = await openCard(jwe, context);
  const [number, cvv] = [card.number.cardInClear(), card.cvv.cardInClear()];
  return { number, cvv, exp_month: card.expMonth, exp_year: card.expYear };
}
