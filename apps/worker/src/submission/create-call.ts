// From a payment and its opened card to the gateway's create call.
import {
  type CreateRequest,
  encodeCreate,
  type WireCustomer,
  type WireRequest,
  type WireTerminal,
} from '@quittance/gateway-protocol';
import { currencyExponent, type Customer, type Payment } from '@quittance/payments';
import type { Card } from '@quittance/vault';

/** Encodes the create call; the result holds the card (encrypted or not) and must not outlive the attempt. */
export function createCall(
  payment: Payment,
  card: Card | null,
  { terminal, webhookUrl }: { terminal: WireTerminal; webhookUrl: string },
): WireRequest {
  const request: CreateRequest = {
    reference: payment.reference,
    amount: { minor: payment.amountMinor, exponent: currencyExponent(payment.currency) ?? 2 },
    currency: payment.currency,
    productName: payment.productName,
    method: payment.method,
    webhookUrl,
    returnUrl: payment.returnUrl,
    customer: wireCustomer(payment.customer),
    ...(card && {
      card: {
        number: card.number.cardInClear(),
        cvv: card.cvv.cardInClear(),
        expiryMonth: card.expMonth,
        expiryYear: card.expYear,
      },
    }),
    ...(payment.sourceUrl && { sourceUrl: payment.sourceUrl }),
  };
  return encodeCreate(request, terminal);
}

function wireCustomer({ name, email, phone, ip, address }: Customer): WireCustomer {
  return {
    ...(name && { name }),
    ...(email && { email }),
    ...(phone && { phone }),
    ...(ip && { ip }),
    ...(address?.line1 && { address: address.line1 }),
    ...(address?.city && { city: address.city }),
    ...(address?.state && { state: address.state }),
    ...(address?.postalCode && { zip: address.postalCode }),
    ...(address?.country && { country: address.country }),
  };
}
