// decideRefund(payment and refund, evidence, now): the one place where evidence about a refund becomes a change, of the refund and
// of its payment together. Same discipline as a payment: only proof that nothing was sent leads to a second request.
import { ABANDONED_AFTER_MS } from '../decide-on-request.js';
import { statusToWire } from '../status-wire.js';
import { decideRefundOnAnswer } from './decide-refund-on-answer.js';
import { decideRefundOnOutcome, unreachable } from './decide-refund-on-outcome.js';
import { resolveRefund } from './resolve-refund.js';
import type { RefundDecision, RefundedPayment } from './refund-decision.js';
import { keepRefund, moveRefund, nextInquiryAt } from './refund-decision.js';
import type { RefundEvidence } from './refund-evidence.js';

/** What `evidence` makes of a refund and its payment at `now`. Repeats and latecomers are answers, never errors. */
export function decideRefund(
  subject: RefundedPayment,
  evidence: RefundEvidence,
  now: Date,
): RefundDecision {
  switch (evidence.cause) {
    case 'request':
      return open(subject, evidence.replyBefore, now);
    case 'reply':
      return decideRefundOnOutcome(subject, evidence, now);
    case 'inquiry':
      return decideRefundOnAnswer(subject, evidence, now);
    case 'sweeper':
      return sweep(subject, now);
    case 'operator':
      return resolveRefund(subject, evidence, now);
  }
}

function open({ payment, refund }: RefundedPayment, replyBefore: Date, now: Date): RefundDecision {
  if (refund.status !== 'queued') return keepRefund(refund, 'not_queued');
  if (payment.status !== 'succeeded' || payment.transId === null) {
    const message = `The payment is ${statusToWire(payment.status)}; the refund was not sent.`;
    const failure = { code: 'payment_not_refundable', message };
    return moveRefund(refund, { to: 'failed', cause: 'request', failure }, now);
  }
  if (payment.foreignTransIds?.has(payment.transId)) {
    const message = 'The gateway’s transaction may be another payment’s; the refund was not sent.';
    const failure = { code: 'transaction_shared', message };
    const alert = 'transaction_of_another_payment';
    return moveRefund(refund, { to: 'failed', cause: 'request', failure, alert }, now);
  }
  if (now >= refund.submitBefore) return unreachable(refund, 'request', now);
  return moveRefund(
    refund,
    {
      to: 'submitting',
      cause: 'request',
      epoch: refund.epoch + 1,
      nextStepAt: new Date(replyBefore.getTime() + ABANDONED_AFTER_MS),
    },
    now,
  );
}

function sweep({ refund }: RefundedPayment, now: Date): RefundDecision {
  if (refund.status !== 'submitting') return keepRefund(refund, 'not_submitting');
  const doubt = { doubtReason: 'worker_died', nextStepAt: nextInquiryAt(0, now) };
  return moveRefund(refund, { to: 'inDoubt', cause: 'sweeper', ...doubt }, now);
}
