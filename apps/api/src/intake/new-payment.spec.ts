import { aRequest, type RequestBody } from '../../test/a-request.js';
import { aTerminal } from '../../../../test/support/terminal.js';
import { TEST } from '../../test/faults-of.js';
import { newPayment } from './payment-intake.js';
import { readCreatePayment } from './payment-rules.js';

const now = new Date('2026-11-21T10:00:00Z');
const terminal = aTerminal({ mode: 'test', lane: 'fast' });

function paymentFrom(changes: RequestBody = {}, callerIp: string | null = '198.51.100.4') {
  const read = readCreatePayment(aRequest(changes), { ...TEST, terminal, now });
  return newPayment(read, {
    merchantId: 'mer_test',
    idempotencyKey: null,
    now,
    submitWithinMs: 60_000,
    baseUrl: 'https://pay.example',
    callerIp: callerIp ?? undefined,
  });
}

describe('a new payment', () => {
  it('is queued, at version 1, and may be sent until its deadline', () => {
    expect(paymentFrom()).toMatchObject({
      status: 'queued',
      version: 1,
      attempt: 0,
      refundedMinor: 0n,
      refundReservedMinor: 0n,
      submitBefore: new Date('2026-11-21T10:01:00Z'),
      nextStepAt: new Date('2026-11-21T10:00:30Z'),
      createdAt: now,
    });
  });

  it('comes back through our page only on request', () => {
    expect(paymentFrom().returnPage).toBeNull();
    expect(paymentFrom({ return_page: null }).returnPage).toBeNull();
    expect(paymentFrom({ return_page: false }).returnPage).toBeNull();
    expect(paymentFrom({ return_page: true }).returnPage).toBe('https://pay.example');
  });

  it('belongs to its terminal: mode and lane', () => {
    expect(paymentFrom()).toMatchObject({ terminalId: 'ter_test', mode: 'test', lane: 'fast' });
  });

  it('keeps only the digits of a card that may be stored', () => {
    const payment = paymentFrom();
    expect(payment.card).toEqual({ brand: 'visa', first6: '401200', last4: '0026' });
    const text = JSON.stringify(payment, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(text).not.toContain('4012000033330026');
    expect(text).not.toContain('"123"');
  });

  it('counts the amount in minor units of its currency', () => {
    expect(paymentFrom().amountMinor).toBe(1111n);
    expect(paymentFrom({ amount: '7', currency: 'JPY' }).amountMinor).toBe(7n);
  });

  it("takes the payer's address from the request, and from the caller if it has none", () => {
    expect(paymentFrom().customer.ip).toBe('203.0.113.7');
    expect(paymentFrom({ customer: undefined }).customer.ip).toBe('198.51.100.4');
    expect(paymentFrom({ customer: undefined }, null).customer.ip).toBeUndefined();
  });

  it.each([
    ['203.0.113.77', '203.0.113.77'],
    ['::ffff:203.0.113.77', '203.0.113.77'],
    ['::ffff:cb00:714d', '203.0.113.77'],
    ['0:0:0:0:0:ffff:203.0.113.77', '203.0.113.77'],
    ['2001:0DB8:0:0:0:0:0:7', '2001:db8::7'],
  ])("spells the payer's address %s like the gateway's block lists: %s", (ip, canonical) => {
    expect(paymentFrom({ customer: { ip } }).customer.ip).toBe(canonical);
  });

  it.each([
    ['https://shop.example', 'https://shop.example/'],
    ['HTTPS://Shop.Example:443/a/../b?c=d', 'https://shop.example/b?c=d'],
    ['https:\\\\shop.example\\back', 'https://shop.example/back'],
    ['https:shop.example/x', 'https://shop.example/x'],
    ['  https://shop.example/x ', 'https://shop.example/x'],
    ['https://münchen.example/ü?q=ü', 'https://xn--mnchen-3ya.example/%C3%BC?q=%C3%BC'],
    ['http://0x7f.1/x', 'http://127.0.0.1/x'],
  ])('keeps the web address %s in the form that was checked: %s', (typed, checked) => {
    const payment = paymentFrom({ return_url: typed, source_url: typed });
    expect([payment.returnUrl, payment.sourceUrl]).toEqual([checked, checked]);
  });

  it('maps the customer to the names of the code', () => {
    expect(paymentFrom().customer.address).toEqual({
      line1: '3888 Austin Secret Lane',
      city: 'Circleville',
      state: 'Utah',
      postalCode: '84723',
      country: 'US',
    });
  });
});
