import type { Payment } from '@quittance/payments';
import type { TerminalWithoutKey } from '@quittance/persistence';
import { aTerminal } from '../../../../test/support/a-terminal.js';
import { aPayment } from '../../../../test/support/payments.js';
import { nextStepOf } from './next-step.js';

const now = new Date('2026-11-21T10:00:00Z');
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
      'held by a pause',
      {},
      { pausedReason: 'keys' },
      /^Held back: terminal "main" is paused \(keys\)/,
    ],
    ['to be sent again', { attempt: 2 }, {}, /^Attempt 3 at .*attempt 2 provably never left/],
    ['being sent', { status: 'submitting', attempt: 1 }, {}, /^The reply to attempt 1 is awaited/],
    [
      'due since a while',
      { status: 'processing', transId: '1', nextStepAt: inSeconds(-600) },
      {},
      /^Inquiry 1 by transID .*overdue for 10 min/,
    ],
    [
      'asked by reference',
      { status: 'inDoubt', doubtReason: 'timeout', inquiries: 2 },
      { inquiry: 'reference' },
      /^Inquiry 3 by reference .*whether the gateway has it \(timeout\)/,
    ],
    [
      'asked by the probe',
      { status: 'inDoubt', doubtReason: 'timeout' },
      { inquiry: 'probe' },
      /^Inquiry 1 by the existence probe/,
    ],
    [
      'without a way to ask',
      { status: 'inDoubt', doubtReason: 'timeout', nextStepAt: null },
      {},
      /^Nothing by itself: no transID .*person with evidence/,
    ],
    [
      'given up, and a way to ask has come since',
      { status: 'inDoubt', doubtReason: 'timeout', nextStepAt: null },
      { inquiry: 'probe' },
      /^An inquiry by the existence probe within a minute/,
    ],
    [
      'asked about out of turn',
      { status: 'succeeded', transId: '1', asks: 2, asksAnswered: 1, nextStepAt: now },
      {},
      /^An inquiry out of turn by transID .*\(in 0 s\)/,
    ],
    [
      'softly ended',
      { status: 'expired', transId: '1', nextStepAt: inSeconds(86_400 * 3) },
      {},
      /\(in 3 days\), because this end is soft/,
    ],
    [
      'paid',
      { status: 'succeeded', transId: '1', nextStepAt: inSeconds(7200) },
      {},
      /\(in 2 h\), because refunds and chargebacks send no callback/,
    ],
    [
      'declined',
      { status: 'declined', nextStepAt: null },
      {},
      /^Nothing: declined needs no further step/,
    ],
  ])('%s', (_what, payment, terminal, words) =>
    expect(nextStepOf(aPayment(payment), aTerminal(terminal), now)).toMatch(words),
  );
});
