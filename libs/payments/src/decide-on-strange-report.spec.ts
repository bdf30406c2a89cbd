// Reports that are about something else or not complete, and what a believed one leaves on the record.
import { NOW, aPayment, aReport, fromNow } from '../test/a-payment.js';
import { outcomeWord } from '../test/outcome-word.js';
import { decide } from './decide.js';
import type { GatewayReport } from './evidence.js';
import type { Payment } from './payment.js';
import { paymentStatuses } from './status.js';

const callback = (payment: Payment, report: GatewayReport) =>
  decide(payment, { cause: 'callback', report }, NOW);
const reply = (payment: Payment, report: GatewayReport) =>
  decide(payment, { cause: 'reply', outcome: { kind: 'reported', report }, random: 0 }, NOW);

const strange: ReadonlyArray<readonly [string, Partial<GatewayReport>]> = [
  ['other_reference', { reference: 'ORD-1002' }],
  ['amount_mismatch', { amount: { digits: 1112n, scale: 2 } }],
  ['currency_mismatch', { currency: 'USD' }],
];

describe.each(strange)('a report with %s', (difference, change) => {
  it.each(paymentStatuses)('changes nothing of a payment that is %s when called back', (status) => {
    const payment = aPayment(status);
    const decision = callback(payment, aReport('1', change));
    expect(decision.next).toBe(payment);
    expect(decision).toMatchObject({ move: null, isDisbelieved: true, alert: 'report_mismatch' });
    expect(decision.unmoved).toBe(status === 'queued' ? 'not_at_gateway' : difference);
  });

  it('as the reply to our own request puts the payment in doubt', () => {
    const decision = reply(aPayment('submitting'), aReport('1', change));
    expect(outcomeWord(decision)).toBe('id!report_mismatch');
    expect(decision.isDisbelieved).toBe(true);
    expect(decision.next.doubtReason).toBe(difference);
    expect(decision.move).toMatchObject({ gatewayCode: '1', note: difference });
  });

  it('as a reply after the sweeper changes nothing', () => {
    const payment = aPayment('inDoubt');
    const decision = reply(payment, aReport('1', change));
    expect(decision.next).toBe(payment);
    expect(decision.isDisbelieved).toBe(true);
  });
});

describe('the transID of a reply that does not fit', () => {
  it('is kept when the reply is about our reference, so that it can be asked about', () => {
    const report = aReport('1', { amount: { digits: 1n, scale: 0 } });
    expect(reply(aPayment('submitting'), report).next.transId).toBe(report.transId);
  });

  it('is not kept when it belongs to another reference, or our own callback would never be believed', () => {
    const foreign = aReport('1', { transId: '999', reference: 'ORD-1002' });
    const { next } = reply(aPayment('submitting'), foreign);
    expect(next.transId).toBeNull();
    expect(outcomeWord(callback(next, aReport('1')))).toBe('ok');
  });
});

describe('a report about another transaction', () => {
  it('is not believed once our transID is known', () => {
    const payment = aPayment('processing');
    const decision = callback(payment, aReport('1', { transId: '999' }));
    expect(decision).toMatchObject({ unmoved: 'other_transaction', isDisbelieved: true });
    expect(decision.next).toBe(payment);
  });
});

const incomplete: ReadonlyArray<readonly [string, Partial<GatewayReport>]> = [
  ['reference', { reference: null }],
  ['amount', { amount: null }],
  ['currency', { currency: null }],
];

describe.each(incomplete)('a report without %s', (_, change) => {
  it('is believed in the reply to our own request', () => {
    expect(outcomeWord(reply(aPayment('submitting'), aReport('1', change)))).toBe('ok');
  });

  it('is not believed in a callback', () => {
    const decision = callback(aPayment('processing'), aReport('1', change));
    expect(decision).toMatchObject({ unmoved: 'incomplete_report', isDisbelieved: true });
  });
});

describe('an unknown code', () => {
  it('does not overwrite what is on record', () => {
    const { next } = callback(aPayment('succeeded'), aReport('99'));
    expect(next).toMatchObject({ status: 'succeeded', orderStatus: '1', gatewayResponse: null });
  });

  it('still names the transaction, so that a doubtful payment can be asked about', () => {
    const { next, move } = callback(aPayment('inDoubt'), aReport('99'));
    expect(move).toBeNull();
    expect(next.transId).toBe('100135250426141606');
    expect(next.doubtReason).toBe('timeout');
  });

  it('in the reply puts the payment in doubt with the code on record', () => {
    const { next } = reply(aPayment('submitting'), aReport('99'));
    expect(next).toMatchObject({ doubtReason: 'unknown_order_status', orderStatus: '99' });
    expect(next.nextStepAt).toEqual(fromNow(2_000));
  });
});
