// A create request without fault, for tests that change one thing about it.

export type RequestBody = Record<string, unknown>;

/** Paid by card; `changes` replace fields, `undefined` removes one. */
export function aRequest(changes: RequestBody = {}): RequestBody {
  const body: RequestBody = {
    reference: 'ORD-1001',
    terminal: 'main',
    amount: '11.11',
    currency: 'EUR',
    product_name: 'Two tickets',
    method: 'CC',
    card: aCard(),
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
    metadata: { cart: 'c-77' },
    ...changes,
  };
  return JSON.parse(JSON.stringify(body)) as RequestBody;
}

export function aCard(changes: RequestBody = {}): RequestBody {
  return { number: '4012000033330026', cvv: '123', exp_month: '01', exp_year: '30', ...changes };
}
