// Every status × every request of a caller, the sending worker and the sweeper.
import { NOW, aPayment, fromNow } from '../test/a-payment.js';
import { readMatrix } from '../test/matrix.js';
import { REQUESTS } from '../test/outcome-matrices.js';
import { outcomeWord } from '../test/outcome-word.js';
import { requestInquiry } from './inquiry-requests.js';
import { decide } from './decide.js';
import { ABANDONED_AFTER_MS } from './decide-on-request.js';
import type { Evidence } from './evidence.js';
import { paymentStatuses } from './status.js';

const open: Evidence = { cause: 'request', act: 'open', replyBefore: fromNow(30_000) };
const cancel: Evidence = { cause: 'request', act: 'cancel' };
const abandoned: Evidence = { cause: 'sweeper', act: 'abandoned' };
const neverSent: Evidence = { cause: 'sweeper', act: 'neverSent' };
const requests: Readonly<Record<string, Evidence>> = {
  open,
  openTooLate: open,
  cancel,
  refuseCard: { cause: 'request', act: 'refuseCard', reason: 'card_invalid' },
  abandoned,
  neverSent,
  overdue: neverSent,
};
/** Columns of the matrix in which the deadline has passed. */
const LATE = ['openTooLate', 'overdue'];

describe('every status and every request', () => {
  it.each(readMatrix(REQUESTS))('$status + $column: $expected', ({ status, column, expected }) => {
    const submitBefore = LATE.includes(column) ? NOW : fromNow(3_600_000);
    const evidence = requests[column];
    if (!evidence) throw new Error(`Unknown request: ${column}`);
    const decision = decide(aPayment(status, { submitBefore }), evidence, NOW);
    expect(outcomeWord(decision)).toBe(expected);
  });
});

describe('opening an attempt', () => {
  it('raises the fence and leaves time to store the reply before a sweep', () => {
    const { next, move } = decide(aPayment('queued', { attempt: 2, version: 5 }), open, NOW);
    expect(next).toMatchObject({ status: 'submitting', attempt: 3, version: 6, updatedAt: NOW });
    expect(next.nextStepAt).toEqual(fromNow(30_000 + ABANDONED_AFTER_MS));
    expect(move).toEqual({
      from: 'queued',
      to: 'submitting',
      cause: 'request',
      gatewayCode: null,
      note: null,
    });
  });

  it('after the deadline fails the payment, which was never sent, without raising the fence', () => {
    const { next, move } = decide(aPayment('queued', { submitBefore: NOW }), open, NOW);
    expect(next).toMatchObject({ status: 'failed', attempt: 0, nextStepAt: null });
    expect(next.failure?.code).toBe('gateway_unreachable');
    expect(move).toMatchObject({ cause: 'request', note: 'gateway_unreachable' });
  });
});

describe('cancelling', () => {
  it('before sending leaves nothing to inquire about', () => {
    const { next, move } = decide(aPayment('queued'), cancel, NOW);
    expect(next).toMatchObject({ status: 'cancelled', nextStepAt: null, failure: null });
    expect(move).toMatchObject({ cause: 'request', note: null });
  });
});

describe('a card that its caller encrypted', () => {
  it.each(['card_unreadable', 'card_invalid'] as const)(
    'fails its payment with %s before anything is sent',
    (reason) => {
      const refused: Evidence = { cause: 'request', act: 'refuseCard', reason };
      const { next, move, restoresCard } = decide(aPayment('queued'), refused, NOW);
      expect(next).toMatchObject({ status: 'failed', attempt: 0, nextStepAt: null });
      expect(next.failure?.code).toBe(reason);
      expect(move).toMatchObject({ cause: 'request', note: reason });
      expect(restoresCard).toBe(false);
    },
  );
});

describe('a payment that was not sent in time', () => {
  it('fails, without an inquiry about what the gateway never received', () => {
    const { next, move } = decide(aPayment('queued', { submitBefore: NOW }), neverSent, NOW);
    expect(next).toMatchObject({ status: 'failed', attempt: 0, nextStepAt: null });
    expect(next.failure?.code).toBe('never_sent');
    expect(move).toMatchObject({ cause: 'sweeper', note: 'never_sent' });
  });

  it('is left alone until the last millisecond', () => {
    const { next, unmoved } = decide(
      aPayment('queued', { submitBefore: fromNow(1) }),
      neverSent,
      NOW,
    );
    expect(next.status).toBe('queued');
    expect(unmoved).toBe('not_due');
  });
});

describe('an abandoned attempt', () => {
  it('is in doubt, because the worker died at an unknown step', () => {
    const { next, move } = decide(aPayment('submitting'), abandoned, NOW);
    expect(next).toMatchObject({ doubtReason: 'worker_died', nextStepAt: fromNow(2_000) });
    expect(move).toMatchObject({ cause: 'sweeper', note: 'worker_died' });
  });
});

describe('a request for an inquiry now', () => {
  it.each(paymentStatuses)('makes an inquiry due for %s, if it can be inquired about', (status) => {
    const payment = aPayment(status, { inquiries: 4 });
    // Before the reply the same field is the time to send or to sweep: neither may come early.
    const isAskable = status !== 'queued' && status !== 'submitting';
    const asked = isAskable ? { ...payment, asks: payment.asks + 1, nextStepAt: NOW } : payment;
    expect(requestInquiry(payment, NOW)).toEqual(asked);
  });
});
