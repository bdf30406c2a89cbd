// The data that a believed report leaves on the record: the gateway's words with the transition
// they caused, the transaction's identity once and for all.
import { NOW, aPayment, aReport, fromNow } from '../test/a-payment.js';
import { decide } from './decide.js';
import type { GatewayReport } from './evidence.js';
import type { Payment } from './payment.js';

const reply = (payment: Payment, report: GatewayReport) =>
  decide(payment, { cause: 'reply', outcome: { kind: 'reported', report }, random: 0 }, NOW);

describe('a transition by report', () => {
  it('puts the gateway’s words, code and id on the record', () => {
    const { next, move } = reply(aPayment('submitting'), aReport('1'));
    expect(next).toEqual({
      ...aPayment('submitting'),
      status: 'succeeded',
      version: 3,
      transId: '100135250426141606',
      orderStatus: '1',
      gatewayResponse: 'The gateway’s text',
      nextStepAt: fromNow(3_600_000),
      updatedAt: NOW,
    });
    expect(move).toEqual({
      from: 'submitting',
      to: 'succeeded',
      cause: 'reply',
      gatewayCode: '1',
      note: null,
    });
  });

  it.each([
    ['2', 'declined', 'declined'],
    ['10', 'blocked', 'blocked'],
    ['24', 'failed', 'gateway_failed'],
  ])('with code %s gives the reason for %s', (code, status, failureCode) => {
    const { next, move } = reply(aPayment('processing'), aReport(code));
    expect(next.status).toBe(status);
    expect(next.failure).toEqual({ code: failureCode, message: 'The gateway’s text' });
    expect(move?.note).toBe(failureCode);
  });

  it('names the code when the gateway gave no words', () => {
    const { next } = reply(aPayment('processing'), aReport('2', { response: null }));
    expect(next.failure?.message).toBe('The gateway answered with order_status 2.');
  });

  it('gives a test outcome on a live terminal as the reason, and says that no money moved', () => {
    const { next } = reply(aPayment('processing'), aReport('25'));
    expect(next.failure?.code).toBe('test_outcome_on_live_terminal');
    expect(next.orderStatus).toBe('25');
  });

  it('removes the failure that a late success disproved, and flags it once', () => {
    const flags = ['late_success'] as const;
    const late = reply(aPayment('failed', { flags }), aReport('1')).next;
    expect(late.failure).toBeNull();
    expect(late.flags).toEqual(['late_success', 'arrived_after_failure']);
    const again = reply(aPayment('expired', { flags }), aReport('1')).next;
    expect(again.flags).toEqual(['late_success']);
  });
});

describe('the identity of the transaction', () => {
  it('is stored even from outdated news, without a transition', () => {
    const { next, move } = reply(aPayment('failed'), aReport('24'));
    expect(move).toBeNull();
    expect(next).toEqual({ ...aPayment('failed'), transId: '100135250426141606' });
  });

  it('retains the authurl of the first report: a later one may be another transaction’s', () => {
    const payment = aPayment('requiresAction');
    const report = aReport('0', { authUrl: 'https://gateway.example/api/authurl/9' });
    expect(reply(payment, report).next).toBe(payment);
  });

  it('makes a payment wait for its payer as soon as an authurl is known', () => {
    const authUrl = 'https://gateway.example/api/authurl/1';
    const { next } = reply(aPayment('processing'), aReport('0', { authUrl }));
    expect(next).toMatchObject({ status: 'requiresAction', authUrl, nextStepAt: fromNow(10_000) });
  });
});
