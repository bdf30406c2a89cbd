// From a payment and its opened card to the gateway's create call.
import {
  type CreateRequest,
  encodeCreate,
  type WireCard,
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
    card: card ? wireCard(card) : undefined,
    sourceUrl: payment.sourceUrl ?? undefined,
  };
  return encodeCreate(request, terminal);
}

function wireCustomer({ name, email, phone, ip, address }: Customer): WireCustomer {
  return {
    name,
    email,
    phone,
    ip,
    address: address?.line1,
    city: address?.city,
    state: address?.state,
    zip: address?.postalCode,
    country: address?.country,
  };
}

function wireCard({ number, cvv, expMonth, expYear }: Card): WireCard {
  return {
    number: number.cardInClear(),
    cvv: cvv.cardInClear(),
    expiryMonth: expMonth,
    expiryYear: expYear,
  };
}
