import { TERMINALS } from '../../tools/stack/terminals.js';
import { SCENARIOS, paymentRequest } from './scenarios.js';

const terminals = SCENARIOS.map(({ terminal }) => TERMINALS.find(({ name }) => name === terminal));

describe('SCENARIOS', () => {
  it('are at least twelve, each with a name of its own', () => {
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(12);
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  });

  it('cover both request protocols with both callback modes', () => {
    const combinations = terminals.map(
      (terminal) => `${terminal?.protocol}/${terminal?.callbacks}`,
    );
    const expected = ['encrypted/aes256', 'encrypted/none', 'plain/aes256', 'plain/none'];
    expect([...new Set(combinations)].toSorted()).toEqual(expected);
  });

  it('say that a payment was charged exactly where it succeeds, also where it is refunded later', () => {
    for (const { charged, ends } of SCENARIOS)
      expect(charged).toBe(ends === 'succeeded' || ends === 'refunded');
  });
});

describe('paymentRequest', () => {
  it('lets the scenario replace the customer', () => {
    const [blocked] = SCENARIOS.filter(({ name }) => name === 'blocked');
    if (blocked === undefined) throw new Error('no scenario is blocked');
    const request = paymentRequest(blocked, { reference: 'R-1', returnUrl: 'http://shop.test/' });
    expect(request).toMatchObject({
      reference: 'R-1',
      terminal: 'plain',
      customer: { email: 'blocked@example.com' },
    });
  });
});
