// From a stored payment and its opened card back to the create request that the gateway's wire is
// written from.
import type { Card } from '@quittance/vault';
import type { PaymentRequest } from '../load/payment-request.js';

/** The columns of `payments` that the gateway is fields. */
export type StoredRequest = Omit<PaymentRequest, 'card' | 'terminal'>;

/** A create request of api.md; it holds the card in clear and must not outlive the attempt. */
export function createRequest(row: StoredRequest, card: Card): Omit<PaymentRequest, 'terminal'> {
  return {
    reference: row.reference,
    amount: row.amount,
    currency: row.currency,
    product_name: row.product_name,
    method: row.method,
    card: {
      number: card.number.cardInClear(),
      cvv: card.cvv.cardInClear(),
      exp_month: card.expMonth,
      exp_year: card.expYear,
    },
    customer: row.customer,
    return_url: row.return_url,
  };
}
