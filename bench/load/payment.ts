// The payment of the benchmark: a card payment with everything a shop knows, the same for every
// contestant, and the sandbox's script for it.
import {
  encodeCreate,
  minorFromDecimal,
  parseDecimal,
  type WireTerminal,
} from '@quittance/gateway-protocol';

/** A create request (`docs/api.md`) in which every field of the customer is present. */
export type PaymentRequest = ReturnType<typeof paymentRequest>;

/** The gateway's create call, as undici sends it. */
export type CreateCall = ReturnType<typeof createCall>;

/**
 * The delays after which the sandbox's acquirer settles a payment, as acquirers do: some before the
 * reply to the create call is stored. The first letters of the reference choose one.
 */
const SETTLED_AFTER_MS = [0, 5, 10, 15, 20];
/** The first letters of a reference whose payment is approved in the reply itself. */
export const APPROVED_AT_ONCE = 'now-';

/** Spreads payments over the delays. */
export function laterReference(tag: string, index: number): string {
  return `s${SETTLED_AFTER_MS[index % SETTLED_AFTER_MS.length]}-${tag}-${index}`;
}

/** The sandbox's scripts that make its acquirer behave as the references say. */
export const ACQUIRER_SCRIPTS = [
  ...SETTLED_AFTER_MS.map((after_ms) => ({
    match: { reference_prefix: `s${after_ms}-` },
    reply: '0',
    settle: { order_status: '1', after_ms },
  })),
  { match: { reference_prefix: APPROVED_AT_ONCE }, reply: '1' },
];

/** A create request; the gateway passes its card on to its acquirer. */
export function paymentRequest(reference: string) {
  const line1 = '3888 Austin Secret Lane';
  const place = { city: 'Circleville', state: 'Utah', postal_code: '84723', country: 'US' };
  return {
    reference,
    terminal: 'main',
    amount: '11.11',
    currency: 'EUR',
    product_name: 'Two tickets',
    method: 'CC' as const,
    card: { number: '4242424242424242', cvv: '123', exp_month: '01', exp_year: '30' },
    customer: {
      name: 'Dev Tech',
      email: 'dev@example.com',
      phone: '65 62294466',
      ip: '203.0.113.7',
      address: { line1, ...place },
    },
    return_url: 'https://shop.example/return',
  };
}

/** Encodes the create call with Quittance's code, so every contestant sends the same bytes. */
export function createCall(
  payment: Omit<PaymentRequest, 'terminal'>,
  terminal: WireTerminal,
  webhookUrl: string,
) {
  const { reference, currency, method, product_name: productName } = payment;
  const { number, cvv, exp_month: expiryMonth, exp_year: expiryYear } = payment.card;
  const { address, ...person } = payment.customer;
  const amount = parseDecimal(payment.amount);
  const request = {
    reference,
    amount: { minor: (amount && minorFromDecimal(amount, 2)) ?? 0n, exponent: 2 },
    currency,
    productName,
    method,
    webhookUrl,
    returnUrl: payment.return_url,
    customer: { ...person, ...address, address: address.line1, zip: address.postal_code },
    card: { number, cvv, expiryMonth, expiryYear },
  };
  const { path, contentType, body } = encodeCreate(request, terminal);
  return { method: 'POST', path, headers: { 'content-type': contentType }, body } as const;
}
