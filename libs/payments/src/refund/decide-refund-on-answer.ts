// What the gateway's word about a payment means for its refund. The gateway knows no refunds, only the payment's status: 8 says that
// a refund was taken, 7 that money went back. It is ours when a request of ours may have arrived, and not when none can have.
import { decide } from '../decide.js';
import type { Decision } from '../decision.js';
import type { InquiryAnswer } from '../evidence.js';
import type { Payment } from '../payment.js';
import { statusToWire } from '../status-wire.js';
import type { RefundDecision, RefundedPayment } from './refund-decision.js';
import { keepRefund, moveRefund, nextInquiryAt } from './refund-decision.js';
import type { RefundEvidence } from './refund-evidence.js';
import { ALREADY_REQUESTED, type Refund } from './refund.js';

type Inquiry = Extract<RefundEvidence, { cause: 'inquiry' }>;

/** Decides the payment on the answer as if there were nothing but it, and reads off what that makes of the refund. */
export function decideRefundOnAnswer(
  { payment, refund }: RefundedPayment,
  { answer, step }: Inquiry,
  now: Date,
): RefundDecision {
  const ofPayment = decidePayment(payment, refund, answer, now);
  const code = answer.kind === 'reported' ? answer.report.orderStatus : null;
  const believed = ofPayment.isDisbelieved ? null : code;
  const ofRefund =
    moveWith(refund, ofPayment, believed, now) ?? askAgain(refund, answer.kind, step, now);
  // A question asked for the refund's sake leaves the payment's own schedule alone.
  const isWritten = ofPayment.move !== null || step === 'payment';
  return isWritten ? { ...ofRefund, payment: ofPayment } : { ...ofRefund, alert: ofPayment.alert };
}

/** A request of ours may have arrived, and nothing says that the refund at the gateway is another one. */
function isOurs({ status, doubtReason }: Refund): boolean {
  return status === 'accepted' || (status === 'inDoubt' && doubtReason !== ALREADY_REQUESTED);
}

function decidePayment(
  payment: Payment,
  refund: Refund,
  answer: InquiryAnswer,
  now: Date,
): Decision {
  const seen = isOurs(refund)
    ? { ...payment, refundedMinor: refund.amountMinor }
    : refund.status === 'queued'
      ? { ...payment, refundReservedMinor: 0n }
      : payment;
  const decision = decide(seen, { cause: 'inquiry', answer }, now);
  const isRefunded = isRefundedBy(decision);
  return {
    ...decision,
    next: {
      ...decision.next,
      refundedMinor: isRefunded ? refund.amountMinor : payment.refundedMinor,
      refundReservedMinor: payment.refundReservedMinor,
    },
  };
}

function isRefundedBy({ move }: Decision): boolean {
  return move?.to === 'refunded' || move?.to === 'partiallyRefunded';
}

function moveWith(
  refund: Refund,
  ofPayment: Decision,
  code: string | null,
  now: Date,
): RefundDecision | undefined {
  const said = { cause: 'inquiry', gatewayCode: code } as const;
  if (isOurs(refund) && isRefundedBy(ofPayment))
    return moveRefund(refund, { to: 'succeeded', ...said }, now);
  if (isOurs(refund) && code === '8' && refund.status !== 'accepted')
    return moveRefund(refund, { to: 'accepted', ...said }, now);
  if (refund.status === 'queued' && ofPayment.move) {
    const message = `The payment became ${statusToWire(ofPayment.move.to)}; the refund was not sent.`;
    const failure = { code: 'payment_not_refundable', message };
    return moveRefund(refund, { to: 'failed', ...said, failure }, now);
  }
  return undefined;
}

/** Silence, or an answer that says nothing about the refund: not even a 1 proves that our request is not still on its way. */
function askAgain(
  refund: Refund,
  unmoved: string,
  step: Inquiry['step'],
  now: Date,
): RefundDecision {
  if (step === 'payment' || refund.status !== 'inDoubt') return keepRefund(refund, unmoved);
  const isLasting = refund.doubtReason === ALREADY_REQUESTED;
  const inquiries = refund.inquiries + 1;
  const nextStepAt = isLasting ? null : nextInquiryAt(inquiries, now);
  return keepRefund({ ...refund, inquiries, nextStepAt, updatedAt: now }, unmoved);
}
