// decideRefund(subject, evidence, now) is the one place that turns evidence about a refund into a
// change of the refund and its payment together. The rule is a payment's: only proof that nothing
// was sent leads to a second request.
import { ABANDONED_AFTER_MS } from '../decide-on-request.js';
import { statusToWire } from '../status.js';
import { alertOf, mismatch } from '../report-match.js';
import { decide } from '../decide.js';
import { type Decision, keep } from '../decision.js';
import type { GatewayReport, InquiryAnswer } from '../evidence.js';
import { retryDelayMs } from '../schedules.js';
import type { Payment } from '../payment.js';
import { requestInquiry } from '../inquiry-requests.js';
import {
  keepRefund,
  moveRefund,
  nextInquiryAt,
  type RefundDecision,
  type RefundedPayment,
  type RefundEvidence,
  type RefundOutcome,
} from './refund-decision.js';
import type { RefundDoubtReason } from '../reasons.js';
import { ALREADY_REQUESTED, type Refund } from './refund.js';

/**
 * Returns the change that `evidence` makes to a refund and its payment at `now`. Repeated and late
 * evidence is normal input, never an error.
 */
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
    const failure = { code: 'payment_not_refundable', message } as const;
    return moveRefund(refund, { to: 'failed', cause: 'request', failure }, now);
  }
  if (payment.foreignTransIds?.has(payment.transId)) {
    const message = 'The gateway’s transaction may be another payment’s; the refund was not sent.';
    const failure = { code: 'transaction_shared', message } as const;
    const alert = 'transaction_of_another_payment';
    return moveRefund(refund, { to: 'failed', cause: 'request', failure, alert }, now);
  }
  if (now >= refund.submitBefore) return unreachable(refund, 'request', now);
  return moveRefund(
    refund,
    {
      to: 'submitting',
      cause: 'request',
      attempt: refund.attempt + 1,
      nextStepAt: new Date(replyBefore.getTime() + ABANDONED_AFTER_MS),
    },
    now,
  );
}

function sweep({ refund }: RefundedPayment, now: Date): RefundDecision {
  if (refund.status !== 'submitting') return keepRefund(refund, 'not_submitting');
  const reason = { doubtReason: 'worker_died', nextStepAt: nextInquiryAt(0, now) } as const;
  return moveRefund(refund, { to: 'inDoubt', cause: 'sweeper', ...reason }, now);
}

type Reply = Extract<RefundEvidence, { cause: 'reply' }>;

/** Settles an open attempt, or a doubt that the sweeper raised before the reply could be stored. */
function decideRefundOnOutcome(
  { payment, refund }: RefundedPayment,
  { outcome, random }: Reply,
  now: Date,
): RefundDecision {
  const report = 'report' in outcome ? outcome.report : null;
  if (!report) return settle(refund, outcome, random, now);
  const difference = mismatch(payment, report, { mustBeComplete: false });
  // The reply is not about our request: the gateway may have refunded anything.
  if (difference) return { ...doubt(refund, difference, null, now), alert: alertOf(difference) };
  const reported = { cause: 'reply', outcome: { kind: 'reported', report }, random } as const;
  return withPayment(settle(refund, outcome, random, now), decide(payment, reported, now));
}

/**
 * Adds the payment's change only if the payment moves; otherwise its alert is raised with the
 * refund.
 */
function withPayment(decision: RefundDecision, payment: Decision): RefundDecision {
  if (payment.move) return { ...decision, payment };
  return { ...decision, alert: decision.alert ?? payment.alert };
}

function settle(refund: Refund, outcome: RefundOutcome, random: number, now: Date): RefundDecision {
  if (refund.status !== 'submitting' && refund.status !== 'inDoubt')
    return latecomer(refund, outcome);
  switch (outcome.kind) {
    case 'accepted': {
      const gatewayCode = outcome.report.orderStatus;
      return moveRefund(refund, { to: 'accepted', cause: 'reply', gatewayCode }, now);
    }
    case 'refused': {
      const failure = { code: `gateway_${outcome.code}`, message: outcome.message } as const;
      const gatewayCode = outcome.report?.orderStatus ?? null;
      return moveRefund(refund, { to: 'failed', cause: 'reply', failure, gatewayCode }, now);
    }
    case 'alreadyRequested':
      return doubt(refund, ALREADY_REQUESTED, outcome.report, now);
    case 'notSent': {
      const decision = retryLater(refund, outcome.reason, random, now);
      return outcome.isConfiguration ? { ...decision, alert: 'terminal_misconfigured' } : decision;
    }
    case 'unknown':
      return doubt(refund, outcome.reason, null, now);
  }
}

/**
 * Decides on a reply that comes after the refund has moved on. Only one that contradicts the record
 * needs a person.
 */
function latecomer(refund: Refund, { kind }: RefundOutcome): RefundDecision {
  const contradicts =
    (refund.status === 'failed' && kind === 'accepted') ||
    ((refund.status === 'accepted' || refund.status === 'succeeded') && kind === 'refused');
  return keepRefund(refund, 'already_moved_on', contradicts ? 'contradicts_final_status' : null);
}

function doubt(
  refund: Refund,
  doubtReason: RefundDoubtReason,
  report: GatewayReport | null,
  now: Date,
): RefundDecision {
  const isLasting = doubtReason === ALREADY_REQUESTED;
  const nextStepAt = isLasting ? null : nextInquiryAt(0, now);
  if (refund.status === 'submitting') {
    const gatewayCode = report?.orderStatus ?? null;
    return moveRefund(
      refund,
      { to: 'inDoubt', cause: 'reply', doubtReason, nextStepAt, gatewayCode },
      now,
    );
  }
  if (refund.status !== 'inDoubt') return keepRefund(refund, 'already_moved_on');
  // The sweeper raised the doubt first. The record still notes that inquiries cannot resolve it.
  const next = isLasting ? { ...refund, doubtReason, nextStepAt } : refund;
  return keepRefund(next, 'already_in_doubt');
}

function retryLater(refund: Refund, reason: string, random: number, now: Date): RefundDecision {
  const nextStepAt = new Date(now.getTime() + retryDelayMs(refund.attempt, random));
  // After the sweeper's doubt the merchant may have seen it; `failed` is the plain end of a refund
  // that was never sent.
  const canRetry = refund.status === 'submitting' && nextStepAt < refund.submitBefore;
  if (!canRetry) return unreachable(refund, 'reply', now);
  return moveRefund(refund, { to: 'queued', cause: 'reply', nextStepAt, note: reason }, now);
}

/** Ends a refund whose gateway could not be reached in time. */
function unreachable(refund: Refund, cause: 'reply' | 'request', now: Date): RefundDecision {
  const message = 'The gateway could not be reached before the deadline; nothing was sent.';
  const failure = { code: 'gateway_unreachable', message } as const;
  return moveRefund(refund, { to: 'failed', cause, failure }, now);
}

type Inquiry = Extract<RefundEvidence, { cause: 'inquiry' }>;

/** Decides the payment on the answer alone, and derives the refund's change from the result. */
function decideRefundOnAnswer(
  { payment, refund }: RefundedPayment,
  { answer, step }: Inquiry,
  now: Date,
): RefundDecision {
  const ofPayment = decidePayment(payment, refund, answer, now);
  const report = answer.kind === 'reported' ? answer.report : null;
  const believed = ofPayment.isDisbelieved ? null : report;
  const ofRefund =
    moveWith(refund, ofPayment, believed, now) ??
    scheduleNextInquiry(refund, answer.kind, step, now);
  // An inquiry for the refund leaves the payment's own schedule alone.
  const isWritten = ofPayment.move !== null || step === 'payment';
  return isWritten ? { ...ofRefund, payment: ofPayment } : { ...ofRefund, alert: ofPayment.alert };
}

/**
 * True when a request of ours may have arrived, and nothing says that the refund at the gateway is
 * another one.
 */
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
  report: GatewayReport | null,
  now: Date,
): RefundDecision | undefined {
  const said = { cause: 'inquiry', gatewayCode: report?.orderStatus ?? null } as const;
  if (isOurs(refund) && isRefundedBy(ofPayment))
    return moveRefund(refund, { to: 'succeeded', ...said }, now);
  if (isOurs(refund) && report?.state === 'refundPending' && refund.status !== 'accepted')
    return moveRefund(refund, { to: 'accepted', ...said }, now);
  if (refund.status === 'queued' && ofPayment.move) {
    const message = `The payment became ${statusToWire(ofPayment.move.to)}; the refund was not sent.`;
    const failure = { code: 'payment_not_refundable', message } as const;
    return moveRefund(refund, { to: 'failed', ...said, failure }, now);
  }
  return undefined;
}

/**
 * Schedules the next inquiry after silence or an answer that says nothing about the refund: not
 * even a 1 proves that our request is no longer in flight.
 */
function scheduleNextInquiry(
  refund: Refund,
  unmoved: string,
  step: Inquiry['step'],
  now: Date,
): RefundDecision {
  if (step === 'payment' || refund.status !== 'inDoubt') return keepRefund(refund, unmoved);
  const isLasting = refund.doubtReason === ALREADY_REQUESTED;
  const inquiries = refund.inquiries + 1;
  const nextStepAt = isLasting ? null : nextInquiryAt(inquiries, now);
  return keepRefund({ ...refund, inquiries, nextStepAt }, unmoved);
}

type Resolution = Extract<RefundEvidence, { cause: 'operator' }>;

/**
 * Resolves the doubt of a refund. An inquiry about the payment follows at once: only the gateway's
 * report changes the payment's status.
 */
function resolveRefund(
  { payment, refund }: RefundedPayment,
  { as, note }: Resolution,
  now: Date,
): RefundDecision {
  if (refund.status !== 'inDoubt') return keepRefund(refund, 'not_in_doubt');
  const message = 'An operator found at the gateway that this refund did not happen.';
  const failure = as === 'failed' ? ({ code: 'resolved_by_operator', message } as const) : null;
  return {
    ...moveRefund(refund, { to: as, cause: 'operator', failure, note }, now),
    payment: keep(requestInquiry(payment, now), 'refund_resolved'),
  };
}
