import type { Payment } from '@quittance/payments';
import type { TerminalWithoutKey } from '@quittance/persistence';
import { aTerminal } from '../../../../test/support/terminal.js';
import { aPayment } from '../../../../test/support/payments.js';
import { type NextStepFacts, nextStepOf } from './next-step.js';

const now = new Date('2026-11-21T10:00:00Z');
const stepOf = (
  payment: Payment,
  terminal: TerminalWithoutKey,
  facts: Partial<NextStepFacts> = {},
) => nextStepOf({ payment, terminal, isBreakerOpen: false, now, ...facts });
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe('the next step of a payment', () => {
  it.each<
    [what: string, payment: Partial<Payment>, terminal: Partial<TerminalWithoutKey>, words: RegExp]
  >([
    [
      'just accepted',
      {},
      {},
      /^Waiting for a worker on lane "default".*\(in 30 s\).*then it fails/,
    ],
    [
      'held by a paused terminal',
      {},
      { pausedReason: 'keys' },
      /^Waiting: terminal "main" is paused \(keys\)/,
    ],
    [
      'waiting for another attempt',
      { attempt: 2 },
      {},
      /^Attempt 3 at .*attempt 2 was provably not sent/,
    ],
    ['being sent', { status: 'submitting', attempt: 1 }, {}, /^Waiting for the reply to attempt 1/],
    [
      'overdue',
      { status: 'processing', transId: '1', nextStepAt: inSeconds(-600) },
      {},
      /^Inquiry 1 by transID .*overdue for 10 min/,
    ],
    [
      'inquired about by reference',
      { status: 'inDoubt', doubtReason: 'no_reply', inquiries: 2 },
      { inquiry: 'reference' },
      /^Inquiry 3 by reference .*whether the gateway has the payment \(no_reply\)/,
    ],
    [
      'inquired about by the probe',
      { status: 'inDoubt', doubtReason: 'no_reply' },
      { inquiry: 'probe' },
      /^Inquiry 1 by the existence probe/,
    ],
    [
      'without a possible inquiry',
      { status: 'inDoubt', doubtReason: 'no_reply', nextStepAt: null },
      {},
      /^No automatic step: the transID .*operator with evidence/,
    ],
    [
      'without an inquiry, on a terminal that now allows one',
      { status: 'inDoubt', doubtReason: 'no_reply', nextStepAt: null },
      { inquiry: 'probe' },
      /^An inquiry by the existence probe within a minute/,
    ],
    [
      'with an immediate inquiry',
      { status: 'succeeded', transId: '1', asks: 2, asksAnswered: 1, nextStepAt: now },
      {},
      /^An immediate inquiry by transID .*\(in 0 s\)/,
    ],
    [
      'softly ended',
      { status: 'expired', transId: '1', nextStepAt: inSeconds(86_400 * 3) },
      {},
      /\(in 3 days\), because this end is not definite/,
    ],
    [
      'paid',
      { status: 'succeeded', transId: '1', nextStepAt: inSeconds(7200) },
      {},
      /\(in 2 h\), because the gateway sends no callback for refunds/,
    ],
    [
      'declined',
      { status: 'declined', nextStepAt: null },
      {},
      /^None: declined needs no further step/,
    ],
  ])('%s', (_what, payment, terminal, words) =>
    expect(stepOf(aPayment(payment), aTerminal(terminal))).toMatch(words),
  );
});

describe('behind an open breaker', () => {
  const isBreakerOpen = true;

  it.each([0, 2])('a queued payment with %d attempts waits for the gateway', (attempt) =>
    expect(stepOf(aPayment({ attempt }), aTerminal(), { isBreakerOpen })).toMatch(
      /^Waiting: the gateway of terminal "main" does not respond .* No attempt is opened after/,
    ),
  );

  it('a paused terminal is named first', () =>
    expect(stepOf(aPayment(), aTerminal({ pausedReason: 'keys' }), { isBreakerOpen })).toMatch(
      /is paused \(keys\)/,
    ));

  it('an inquiry does not wait', () => {
    const payment = aPayment({ status: 'processing', transId: '1', nextStepAt: now });
    expect(stepOf(payment, aTerminal(), { isBreakerOpen })).toMatch(/^Inquiry 1 by transID/);
  });
});
