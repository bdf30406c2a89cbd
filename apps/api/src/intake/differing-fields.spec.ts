// Goal: decide which repetitions of a reference are the same request. Method: the stored payment
// against one change a row.
import type { Payment } from '@quittance/payments';
import { aPayment } from '../../../../test/support/payments.js';
import { differingFields } from './differing-fields.js';

const stored = aPayment({
  customer: { name: 'Dev', ip: '203.0.113.7', address: { city: 'Oslo' } },
});

describe('a repeated reference', () => {
  it.each<[field: string, change: Partial<Payment>, paths: string[]]>([
    ['nothing', {}, []],
    ['id and times', { id: 'pi_2', createdAt: new Date(0) }, []],
    ['its result', { status: 'succeeded', version: 4, transId: '1' }, []],
    ['metadata', { metadata: { cart: 'other' } }, []],
    ["the payer's address", { customer: { ...stored.customer, ip: '203.0.113.8' } }, []],
    ['its idempotency key', { idempotencyKey: 'k-2' }, []],
    ['order_id', { orderId: 'ORD-2' }, ['order_id']],
    ['terminal', { terminalId: 'ter_2' }, ['terminal']],
    ['amount', { amountMinor: 1112n }, ['amount']],
    ['currency', { currency: 'USD' }, ['currency']],
    ['product_name', { productName: 'Three' }, ['product_name']],
    ['method', { method: 'DC' }, ['method']],
    ['card', { card: { brand: 'visa', first6: '401200', last4: '0027' } }, ['card.number']],
    ['a sealed card, or none', { card: null }, ['card']],
    ['customer.name', { customer: { ...stored.customer, name: 'X' } }, ['customer.name']],
    ['customer.email', { customer: { ...stored.customer, email: 'a@b' } }, ['customer.email']],
    ['customer.phone', { customer: { ...stored.customer, phone: '1' } }, ['customer.phone']],
    [
      'an address line',
      { customer: { ...stored.customer, address: { city: 'Bergen' } } },
      ['customer.address.city'],
    ],
    ['no address', { customer: { name: 'Dev' } }, ['customer.address.city']],
    ['return_url', { returnUrl: 'https://x.example' }, ['return_url']],
    ['return_page', { returnPage: 'https://pay.example' }, ['return_page']],
    ['source_url', { sourceUrl: 'https://x.example' }, ['source_url']],
    ['two things', { amountMinor: 1n, method: 'DC' }, ['amount', 'method']],
  ])('that differs in %s', (_field, change, paths) =>
    expect(differingFields(stored, { ...stored, ...change })).toEqual(paths),
  );

  it('of a payment whose personal data was erased is compared by what is left', () => {
    const erased = {
      ...stored,
      productName: '',
      returnUrl: '',
      customer: {},
      metadata: {},
      card: null,
      personalDataErasedAt: new Date(),
    };
    expect(differingFields(erased, stored)).toEqual([]);
    expect(differingFields(erased, { ...stored, amountMinor: 1n, orderId: 'ORD-2' })).toEqual([
      'order_id',
      'amount',
    ]);
  });
});
