// Reports that are about something else or not complete, and what a believed one leaves on the
// record.
import { NOW, aPayment, aReport, fromNow } from '../test/a-payment.js';
import { outcomeWord } from '../test/outcome-word.js';
import { decide } from './decide.js';
import type { GatewayReport, Rival } from './evidence.js';
import type { Payment } from './payment.js';
import { paymentStatuses } from './status.js';

const callback = (payment: Payment, report: GatewayReport) =>
  decide(payment, { cause: 'callback', report }, NOW);
const inquiry = (payment: Payment, report: GatewayReport) =>
  decide(payment, { cause: 'inquiry', answer: { kind: 'reported', report } }, NOW);
const reply = (payment: Payment, report: GatewayReport) =>
  decide(payment, { cause: 'reply', outcome: { kind: 'reported', report }, random: 0 }, NOW);

const strange: ReadonlyArray<readonly [string, Partial<GatewayReport>]> = [
  ['other_reference', { reference: 'ORD-1002' }],
  ['amount_mismatch', { amount: '11.12' }],
  ['currency_mismatch', { currency: 'USD' }],
  ['other_terminal', { isOtherTerminal: true }],
  ['other_card', { maskedCard: '424242XXXXXX4242' }],
  ['unreadable_reference', { reference: null, unreadable: ['reference'] }],
  ['unreadable_amount', { amount: null, unreadable: ['amount'] }],
  ['unreadable_currency', { currency: null, unreadable: ['currency'] }],
  ['unreadable_terminal', { unreadable: ['terminal'] }],
  ['unreadable_card', { maskedCard: null, unreadable: ['card'] }],
];

describe.each(strange)('a report with %s', (difference, change) => {
  it.each(paymentStatuses)('changes nothing of a payment that is %s when called back', (status) => {
    const payment = aPayment(status);
    const decision = callback(payment, aReport('1', change));
    const { asks, nextStepAt, hintedAt, updatedAt } = decision.next;
    expect(decision.next).toEqual({ ...payment, asks, nextStepAt, hintedAt, updatedAt });
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

  it.each<[string, typeof callback, boolean]>([
    ['a reply after the sweeper', reply, true],
    ['an inquiry', inquiry, true],
    ['a callback', callback, false],
  ])('as %s leaves a doubt, and only an answer to us explains it', (_, hear, isExplained) => {
    const payment = aPayment('inDoubt');
    const { next, move, isDisbelieved } = hear(payment, aReport('1', change));
    expect(next).toMatchObject({
      status: 'inDoubt',
      transId: null,
      doubtReason: isExplained ? difference : payment.doubtReason,
    });
    expect({ move, isDisbelieved }).toEqual({ move: null, isDisbelieved: true });
  });
});

describe('the transID of a reply that does not fit', () => {
  it('is kept when the reply is about our reference, so that it can be asked about', () => {
    const report = aReport('1', { amount: '1' });
    expect(reply(aPayment('submitting'), report).next.transId).toBe(report.transId);
  });

  it.each<[string, Partial<GatewayReport>]>([
    ['another reference', { reference: 'ORD-1002' }],
    ['a reference that cannot be read', { reference: null, unreadable: ['reference'] }],
    ['another terminal', { isOtherTerminal: true }],
    ['another card', { maskedCard: '1111' }],
    ['another card and another amount', { maskedCard: '1111', amount: '1' }],
    ['an amount and a card that cannot be read', { unreadable: ['amount', 'card'] }],
  ])(
    'is not kept when it belongs to %s, or nothing about our own would ever be believed',
    (_, changes) => {
      const foreign = aReport('1', { transId: '999', ...changes });
      const { next } = reply(aPayment('submitting'), foreign);
      expect(next.transId).toBeNull();
      expect(outcomeWord(inquiry(next, aReport('1')))).toBe('ok');
    },
  );
});

describe('a report about another transaction', () => {
  it('is not believed once our transID is known', () => {
    const payment = aPayment('processing');
    const decision = reply(payment, aReport('1', { transId: '999' }));
    expect(decision).toMatchObject({
      unmoved: 'other_transaction',
      isDisbelieved: true,
      alert: 'report_mismatch',
    });
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
    const { next } = reply(aPayment('succeeded'), aReport('99'));
    expect(next).toMatchObject({ status: 'succeeded', orderStatus: '1', gatewayResponse: null });
  });

  it('still names the transaction, so that a doubtful payment can be asked about', () => {
    const { next, move } = inquiry(aPayment('inDoubt'), aReport('99'));
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

describe('an authurl that cannot be used', () => {
  const unusable = (code: string) => aReport(code, { authUrl: null, unreadable: ['authurl'] });

  it.each(['0', '27'])('leaves doubt where the payer would have to go there: code %s', (code) => {
    const { next, alert } = reply(aPayment('submitting', { mode: 'test' }), unusable(code));
    expect(alert).toBe('report_mismatch');
    expect(next).toMatchObject({
      status: 'inDoubt',
      doubtReason: 'unreadable_authurl',
      transId: '100135250426141606',
      authUrl: null,
    });
  });

  it.each([
    ['1', 'ok'],
    ['2', 'de'],
  ])('is nobody’s business where nobody goes there: code %s', (code, word) => {
    expect(outcomeWord(reply(aPayment('submitting'), unusable(code)))).toBe(word);
  });

  it('does not matter once the payer’s way is known', () => {
    expect(outcomeWord(inquiry(aPayment('requiresAction'), unusable('0')))).toBe('same_status');
  });
});

describe('a transaction that is known to be another payment’s', () => {
  const foreignTransIds = new Set(['100135250426141606']);
  const alert = 'transaction_of_another_payment';

  it.each(paymentStatuses.filter((status) => status !== 'queued'))(
    'gives nothing to a payment that is %s, by whichever way it is heard of',
    (status) => {
      for (const hear of [reply, callback, inquiry]) {
        const payment = aPayment(status, { transId: null, authUrl: null, foreignTransIds });
        const authUrl = 'https://gateway.example/api/authurl/1';
        const decision = hear(payment, aReport('1', { authUrl }));
        if (hear === inquiry && status === 'submitting') continue;
        const { next } = decision;
        expect(next).toMatchObject({
          transId: null,
          authUrl: null,
          orderStatus: payment.orderStatus,
        });
        expect(decision).toMatchObject({ isDisbelieved: true, alert });
        const isOwnReply = hear === reply && status === 'submitting';
        expect(next.status).toBe(isOwnReply ? 'inDoubt' : status);
        const isExplained = next.status === 'inDoubt' && hear !== callback;
        expect(next.doubtReason).toBe(isExplained ? alert : payment.doubtReason);
      }
    },
  );

  it('is not taken from a block either, nor is the block', () => {
    const outcome = {
      kind: 'blocked',
      code: '403',
      transId: '100135250426141606',
      message: 'x',
    } as const;
    const evidence = { cause: 'reply', outcome, random: 0 } as const;
    const {
      next,
      move,
      alert: raised,
    } = decide(aPayment('submitting', { foreignTransIds }), evidence, NOW);
    expect(next).toMatchObject({ status: 'inDoubt', transId: null, doubtReason: alert });
    expect({ code: move?.gatewayCode, raised }).toEqual({ code: '403', raised: alert });
  });

  it('is not the payment’s own, whatever the same number is called', () => {
    const payment = aPayment('processing', { foreignTransIds });
    expect(outcomeWord(inquiry(payment, aReport('1')))).toBe('ok');
  });
});

it('does not believe a block of another transaction than the payment’s', () => {
  const outcome = { kind: 'blocked', code: '403', transId: '999', message: 'x' } as const;
  const payment = aPayment('inDoubt', { transId: '100135250426141606' });
  const { next, move } = decide(payment, { cause: 'reply', outcome, random: 0 }, NOW);
  expect(next).toMatchObject({ status: 'inDoubt', doubtReason: 'other_transaction' });
  expect(move).toBeNull();
});

describe('what was found by the reference alone', () => {
  const found = (rival: Rival) =>
    decide(
      aPayment('inDoubt'),
      { cause: 'inquiry', answer: { kind: 'reported', report: aReport('1'), rival } },
      NOW,
    );

  it.each<[Rival, string, string]>([
    ['hasTransaction', 'transaction_of_another_payment', 'transaction_of_another_payment'],
    ['mayHaveTransaction', 'reference_of_several_payments', 'report_mismatch'],
  ])(
    'is not believed while another payment %s, and is asked about again',
    (rival, doubtReason, alert) => {
      const decision = found(rival);
      expect(decision).toMatchObject({ move: null, isDisbelieved: true, alert });
      expect(decision.next).toMatchObject({
        doubtReason,
        transId: null,
        orderStatus: null,
        inquiries: 1,
        nextStepAt: fromNow(5_000),
      });
    },
  );
});
