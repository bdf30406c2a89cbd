// Fixes the public JSON of a payment field by field, because changing it changes the contract.
import { aPayment, fromNow } from '../test/a-payment.js';
import { paymentIntentView } from './payment-intent.view.js';
import { paymentStatuses } from './status.js';

describe('the view of a payment', () => {
  it('is exactly the payment_intent of the public contract', () => {
    const payment = aPayment('succeeded', {
      mode: 'test',
      version: 4,
      orderStatus: '25',
      gatewayResponse: 'Test Transaction approved',
      metadata: { cart: 'c-77' },
      updatedAt: fromNow(0),
    });
    expect(paymentIntentView(payment, 'main')).toStrictEqual({
      id: 'pi_01h455vb4pex5vsknk084sn02q',
      object: 'payment_intent',
      reference: 'ORD-1001',
      order_id: null,
      terminal: 'main',
      livemode: false,
      amount: '11.11',
      currency: 'EUR',
      refunded_amount: '0.00',
      method: 'CC',
      status: 'succeeded',
      next_action: null,
      card: { brand: 'visa', first6: '401200', last4: '0026' },
      gateway: {
        trans_id: '100135250426141606',
        order_status: '25',
        response: 'Test Transaction approved',
      },
      failure: null,
      doubt_reason: null,
      flags: [],
      metadata: { cart: 'c-77' },
      version: 4,
      created_at: '2026-03-01T11:59:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    });
  });

  it('has neither card nor gateway for an unsent payment without a card', () => {
    const view = paymentIntentView(aPayment('queued', { card: null, method: 'NB' }), 'main');
    expect(view).toMatchObject({ card: null, gateway: null, method: 'NB', livemode: true });
  });

  it('formats the amounts in the decimals of their currency', () => {
    const payment = aPayment('partiallyRefunded', { currency: 'JPY', refundedMinor: 500n });
    expect(paymentIntentView(payment, 'main')).toMatchObject({
      amount: '1111',
      refunded_amount: '500',
      status: 'partially_refunded',
    });
  });

  it.each(paymentStatuses)('has a next action exactly if %s requires it', (status) => {
    const authUrl = 'https://gateway.example/api/authurl/1';
    const { next_action: action } = paymentIntentView(aPayment(status, { authUrl }), 'main');
    const expected = status === 'requiresAction' ? { type: 'redirect', url: authUrl } : null;
    expect(action).toEqual(expected);
  });

  it.each(paymentStatuses)('gives the reason of a failure and a doubt if %s has one', (status) => {
    const payment = aPayment(status);
    const { failure, doubt_reason: doubt } = paymentIntentView(payment, 'main');
    expect(failure !== null).toBe(['declined', 'blocked', 'failed'].includes(status));
    expect(doubt).toBe(status === 'inDoubt' ? 'no_reply' : null);
  });

  it('survives JSON, and contains neither merchant nor customer', () => {
    const customer = { name: 'Dev Tech', email: 'dev@example.com' };
    const view = paymentIntentView(aPayment('inDoubt', { customer }), 'main');
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
    expect(JSON.stringify(view)).not.toMatch(/mer_1|ter_1|Dev Tech|dev@example/);
  });
});
