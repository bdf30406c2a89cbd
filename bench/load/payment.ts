// The payment of the benchmark: a card payment with everything a shop knows, the same for every
// contestant, and the sandbox's script for it.
const JSON_HEADERS = { 'content-type': 'application/json' };

/** A create request (`docs/api.md`) in which every field of the customer is present. */
export type PaymentRequest = ReturnType<typeof paymentRequest>;

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

/** A create request; the gateway passes its card on to its acquirer. */
export function paymentRequest(reference: string) {
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
      address: {
        line1: '3888 Austin Secret Lane',
        city: 'Circleville',
        state: 'Utah',
        postal_code: '84723',
        country: 'US',
      },
    },
    return_url: 'https://shop.example/return',
  };
}

/** Makes the sandbox's acquirer behave as the references say. */
export async function scriptAcquirer(sandboxUrl: string): Promise<void> {
  const scripts = [
    ...SETTLED_AFTER_MS.map((after_ms) => ({
      match: { reference_prefix: `s${after_ms}-` },
      reply: '0',
      settle: { order_status: '1', after_ms },
    })),
    { match: { reference_prefix: APPROVED_AT_ONCE }, reply: '1' },
  ];
  for (const script of scripts) {
    const request = { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(script) };
    const response = await fetch(`${sandboxUrl}/sandbox/acquirer`, request);
    if (!response.ok) throw new Error(`the sandbox refused a script with ${response.status}`);
    await response.body?.cancel();
  }
}
