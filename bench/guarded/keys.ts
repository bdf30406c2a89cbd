// Sealing with Quittance's very own code, so that a card costs both contestants the same and the
// figures show what the rest costs. From dist, where Quittance's processes have it from; the bench
// says where, for there is none before it has built it.
import type { Card } from '@quittance/vault';
import type { PaymentRequest } from '../load/payment-request.js';

const { CardSecret, openCard, parseKeySet, sealCard }: typeof import('@quittance/vault') =
  await import(process.env['VAULT'] ?? '');

/** The api's halves seal, the worker's open. */
const keys = parseKeySet(process.env['KEY_SET'] ?? '');

/** Seals the card of a create request for one payment: a compact JWE. */
export function seal(
  { number, cvv, exp_month: expMonth, exp_year: expYear }: PaymentRequest['card'],
  paymentId: string,
): Promise<string> {
  const card = { number: new CardSecret(number), cvv: new CardSecret(cvv), expMonth, expYear };
  return sealCard(card, { paymentId, keys });
}

/** Opens what {@link seal} made for this payment. */
export function open(sealedCard: string, paymentId: string): Promise<Card> {
  return openCard(sealedCard, { paymentId, keys });
}
