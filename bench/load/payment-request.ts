// The payment of the benchmark: a card payment with everything a shop knows, the same for both
// contestants.

/** A create request of api.md with every customer field given. */
export type PaymentRequest = ReturnType<typeof paymentRequest>;

/**
 * What the sandbox's acquirer does with a payment, by the first letters of its reference: settled a
 * while after the create call (as acquirers do, some before our own database has heard of the
 * reply), or approved in the reply itself.
 */
export const SETTLED_LATER = [0, 5, 10, 15, 20].map((afterMs) => ({
  prefix: `s${afterMs}-`,
  afterMs,
}));
export const APPROVED_AT_ONCE = 'now-';

/** Spreads payments over the delays. */
export function laterReference(tag: string, index: number): string {
  const later = SETTLED_LATER[index % SETTLED_LATER.length];
  return `${later?.prefix}${tag}-${index}`;
}

/** A create request of api.md; the card is one that the gateway gives to its acquirer. */
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
    ...SETTLED_LATER.map(({ prefix, afterMs }) => ({
      match: { reference_prefix: prefix },
      reply: '0',
      settle: { order_status: '1', after_ms: afterMs },
    })),
    { match: { reference_prefix: APPROVED_AT_ONCE }, reply: '1' },
  ];
  for (const script of scripts) {
    const response = await fetch(`${sandboxUrl}/sandbox/acquirer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(script),
    });
    if (!response.ok) throw new Error(`the sandbox refused a script with ${response.status}`);
    await response.body?.cancel();
  }
}
