// Every status × what a caller, the sending worker and the sweeper ask for.
import { NOW, aPayment, fromNow } from '../test/a-payment.js';
import { readMatrix } from '../test/matrix.js';
import { REQUESTS } from '../test/outcome-matrices.js';
import { outcomeWord } from '../test/outcome-word.js';
import { ABANDONED_AFTER_MS, askNow, decide } from './decide.js';
import type { Evidence } from './evidence.js';
import { paymentStatuses } from './status.js';

const open: Evidence = { cause: 'request', act: 'open', replyBefore: fromNow(30_000) };
const cancel: Evidence = { cause: 'request', act: 'cancel' };
const abandoned: Evidence = { cause: 'sweeper', act: 'abandoned' };
const requests: Readonly<Record<string, Evidence>> = { open, openTooLate: open, cancel, abandoned };

describe('every status and every request', () => {
  it.each(readMatrix(REQUESTS))('$status + $column: $expected', ({ status, column, expected }) => {
    const submitBefore = column === 'openTooLate' ? NOW : fromNow(3_600_000);
    const evidence = requests[column];
    if (!evidence) throw new Error(`No request is called ${column}.`);
    const decision = decide(aPayment(status, { submitBefore }), evidence, NOW);
    expect(outcomeWord(decision)).toBe(expected);
  });
});

describe('opening an attempt', () => {
  it('raises the fence and leaves the sweeper time to see the reply stored', () => {
    const { next, move } = decide(aPayment('queued', { epoch: 2, version: 5 }), open, NOW);
    expect(next).toMatchObject({ status: 'submitting', epoch: 3, version: 6, updatedAt: NOW });
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
    expect(next).toMatchObject({ status: 'failed', epoch: 0, nextStepAt: null });
    expect(next.failure?.code).toBe('gateway_unreachable');
    expect(move).toMatchObject({ cause: 'request', note: 'gateway_unreachable' });
  });
});

describe('cancelling', () => {
  it('before sending leaves nothing to ask the gateway about', () => {
    const { next, move } = decide(aPayment('queued'), cancel, NOW);
    expect(next).toMatchObject({ status: 'cancelled', nextStepAt: null, failure: null });
    expect(move).toMatchObject({ cause: 'request', note: null });
  });
});

describe('an abandoned attempt', () => {
  it('is doubtful from then on, because the worker died at an unknown step', () => {
    const { next, move } = decide(aPayment('submitting'), abandoned, NOW);
    expect(next).toMatchObject({ doubtReason: 'worker_died', nextStepAt: fromNow(2_000) });
    expect(move).toMatchObject({ cause: 'sweeper', note: 'worker_died' });
  });
});

describe('asking now', () => {
  it.each(paymentStatuses)('makes an inquiry due for %s, if there is one to make', (status) => {
    const payment = aPayment(status, { inquiries: 4 });
    // Before the reply the same field says when to send or to sweep: neither may come early.
    const isAskable = status !== 'queued' && status !== 'submitting';
    const asked = isAskable ? { ...payment, nextStepAt: NOW, updatedAt: NOW } : payment;
    expect(askNow(payment, NOW)).toEqual(asked);
  });
});
