import { aRequest, type RequestBody } from '../../test/a-request.js';
import { aTerminal } from '../../test/a-terminal.js';
import { TEST } from '../../test/faults-of.js';
import { newPayment } from './new-payment.js';
import { readCreatePayment } from './payment-rules.js';

const now = new Date('2026-11-21T10:00:00Z');
const terminal = aTerminal({ mode: 'test', lane: 'fast' });

function paymentFrom(changes: RequestBody = {}, callerIp = '198.51.100.4') {
  const read = readCreatePayment(aRequest(changes), { ...TEST, terminal, now });
  return newPayment(read, { merchantId: 'mer_test', callerIp, now, submitWithinMs: 60_000 });
}

describe('a new payment', () => {
  it('is queued, untouched, and may be sent until its time is up', () => {
    expect(paymentFrom()).toMatchObject({
      status: 'queued',
      version: 1,
      epoch: 0,
      refundedMinor: 0n,
      refundReservedMinor: 0n,
      submitBefore: new Date('2026-11-21T10:01:00Z'),
      nextStepAt: new Date('2026-11-21T10:00:30Z'),
      createdAt: now,
    });
  });

  it('belongs to its terminal: mode and lane', () => {
    expect(paymentFrom()).toMatchObject({ terminalId: 'ter_test', mode: 'test', lane: 'fast' });
  });

  it('keeps of a card what may be kept', () => {
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

  it("takes the payer's address from the request, and from the caller where there is none", () => {
    expect(paymentFrom().customer.ip).toBe('203.0.113.7');
    expect(paymentFrom({ customer: undefined }).customer.ip).toBe('198.51.100.4');
    expect(paymentFrom({ customer: undefined }, '::ffff:198.51.100.4').customer.ip).toBe(
      '198.51.100.4',
    );
    expect(paymentFrom({ customer: undefined }, '2001:db8::4').customer.ip).toBe('2001:db8::4');
  });

  it('keeps the customer under the names of the code', () => {
    expect(paymentFrom().customer.address).toEqual({
      line1: '3888 Austin Secret Lane',
      city: 'Circleville',
      state: 'Utah',
      postalCode: '84723',
      country: 'US',
    });
  });
});
