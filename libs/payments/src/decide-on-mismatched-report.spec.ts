// Reports that do not match or are incomplete, and the traces that a believed one leaves on the
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
  it.each(paymentStatuses)(
    'changes nothing of a payment that is %s if it is a callback',
    (status) => {
      const payment = aPayment(status);
      const decision = callback(payment, aReport('1', change));
      const { asks, nextStepAt, hintedAt, updatedAt } = decision.next;
      expect(decision.next).toEqual({ ...payment, asks, nextStepAt, hintedAt, updatedAt });
      expect(decision).toMatchObject({ move: null, isDisbelieved: true, alert: 'report_mismatch' });
      expect(decision.unmoved).toBe(status === 'queued' ? 'not_at_gateway' : difference);
    },
  );

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
  ])(
    'as %s leaves a doubt, and only an answer to us sets its reason',
    (_, decideOn, isExplained) => {
      const payment = aPayment('inDoubt');
      const { next, move, isDisbelieved } = decideOn(payment, aReport('1', change));
      expect(next).toMatchObject({
        status: 'inDoubt',
        transId: null,
        doubtReason: isExplained ? difference : payment.doubtReason,
      });
      expect({ move, isDisbelieved }).toEqual({ move: null, isDisbelieved: true });
    },
  );
});

describe('the transID of a reply that does not match', () => {
  it('is stored when the reply is about our reference, so that an inquiry can use it', () => {
    const report = aReport('1', { amount: '1' });
    expect(reply(aPayment('submitting'), report).next.transId).toBe(report.transId);
  });

  it.each<[string, Partial<GatewayReport>]>([
    ['another reference', { reference: 'ORD-1002' }],
    ['an unreadable reference', { reference: null, unreadable: ['reference'] }],
    ['another terminal', { isOtherTerminal: true }],
    ['another card', { maskedCard: '1111' }],
    ['another card and another amount', { maskedCard: '1111', amount: '1' }],
    ['an unreadable amount and card', { unreadable: ['amount', 'card'] }],
  ])(
    'is not stored when it belongs to %s, or later reports about ours would be disbelieved',
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

  it('still names the transaction, so that an inquiry can use it', () => {
    const { next, move } = inquiry(aPayment('inDoubt'), aReport('99'));
    expect(move).toBeNull();
    expect(next.transId).toBe('100135250426141606');
    expect(next.doubtReason).toBe('no_reply');
  });

  it('in the reply puts the payment in doubt and is stored', () => {
    const { next } = reply(aPayment('submitting'), aReport('99'));
    expect(next).toMatchObject({ doubtReason: 'unknown_order_status', orderStatus: '99' });
    expect(next.nextStepAt).toEqual(fromNow(2_000));
  });
});

describe('an unreadable authurl', () => {
  const unusable = (code: string) => aReport(code, { authUrl: null, unreadable: ['authurl'] });

  it.each(['0', '27'])('leads to doubt if the payer would have to visit it: code %s', (code) => {
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
  ])('does not matter if the payer need not visit it: code %s', (code, word) => {
    expect(outcomeWord(reply(aPayment('submitting'), unusable(code)))).toBe(word);
  });

  it('does not matter once an authurl is known', () => {
    expect(outcomeWord(inquiry(aPayment('requiresAction'), unusable('0')))).toBe('same_status');
  });
});

describe('a transaction that is known to be another payment’s', () => {
  const foreignTransIds = new Set(['100135250426141606']);
  const alert = 'transaction_of_another_payment';

  it.each(paymentStatuses.filter((status) => status !== 'queued'))(
    'changes nothing of a payment that is %s, in any kind of evidence',
    (status) => {
      for (const decideOn of [reply, callback, inquiry]) {
        const payment = aPayment(status, { transId: null, authUrl: null, foreignTransIds });
        const authUrl = 'https://gateway.example/api/authurl/1';
        const decision = decideOn(payment, aReport('1', { authUrl }));
        if (decideOn === inquiry && status === 'submitting') continue;
        const { next } = decision;
        expect(next).toMatchObject({
          transId: null,
          authUrl: null,
          orderStatus: payment.orderStatus,
        });
        expect(decision).toMatchObject({ isDisbelieved: true, alert });
        const isOwnReply = decideOn === reply && status === 'submitting';
        expect(next.status).toBe(isOwnReply ? 'inDoubt' : status);
        const isExplained = next.status === 'inDoubt' && decideOn !== callback;
        expect(next.doubtReason).toBe(isExplained ? alert : payment.doubtReason);
      }
    },
  );

  it('is not accepted from a block, and neither is the block', () => {
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

  it('is not the payment’s own, even if the payment has the same transID', () => {
    const payment = aPayment('processing', { foreignTransIds });
    expect(outcomeWord(inquiry(payment, aReport('1')))).toBe('ok');
  });
});

it('of a block is disbelieved unless it is the payment’s', () => {
  const outcome = { kind: 'blocked', code: '403', transId: '999', message: 'x' } as const;
  const payment = aPayment('inDoubt', { transId: '100135250426141606' });
  const { next, move } = decide(payment, { cause: 'reply', outcome, random: 0 }, NOW);
  expect(next).toMatchObject({ status: 'inDoubt', doubtReason: 'other_transaction' });
  expect(move).toBeNull();
});

describe('a transaction found by the reference alone', () => {
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
    'is disbelieved while another payment %s, and leads to another inquiry',
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
