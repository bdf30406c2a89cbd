// What our own refund request told us. A reply that carries the payment's status is a report about the payment too, and has to be
// about this payment before anything of it is believed.
import { mismatch } from '../belief.js';
import { decide } from '../decide.js';
import type { Decision } from '../decision.js';
import { alertOf } from '../disbelief.js';
import type { GatewayReport } from '../evidence.js';
import { retryDelayMs } from '../schedules.js';
import type { RefundDecision, RefundedPayment } from './refund-decision.js';
import { keepRefund, moveRefund, nextInquiryAt } from './refund-decision.js';
import type { RefundEvidence, RefundOutcome } from './refund-evidence.js';
import { ALREADY_REQUESTED, type Refund } from './refund.js';

type Reply = Extract<RefundEvidence, { cause: 'reply' }>;

/** Settles an open attempt, or a doubt that the sweeper called before the reply could be stored. */
export function decideRefundOnOutcome(
  { payment, refund }: RefundedPayment,
  { outcome, random }: Reply,
  now: Date,
): RefundDecision {
  const report = 'report' in outcome ? outcome.report : null;
  if (!report) return settle(refund, outcome, random, now);
  const difference = mismatch(payment, report, { mustBeComplete: false });
  // The gateway answered something that is not what we asked for: it may have refunded anything.
  if (difference) return { ...doubt(refund, difference, null, now), alert: alertOf(difference) };
  const reported = { cause: 'reply', outcome: { kind: 'reported', report }, random } as const;
  return withPayment(settle(refund, outcome, random, now), decide(payment, reported, now));
}

/** The payment is written only when it moves; what its report is alarming about is said with the refund otherwise. */
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
      const failure = { code: `gateway_${outcome.code}`, message: outcome.message };
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

/** Somebody was faster. Only a reply that says the opposite of what is on record is worth a person's look. */
function latecomer(refund: Refund, { kind }: RefundOutcome): RefundDecision {
  const contradicts =
    (refund.status === 'failed' && kind === 'accepted') ||
    ((refund.status === 'accepted' || refund.status === 'succeeded') && kind === 'refused');
  return keepRefund(refund, 'already_moved_on', contradicts ? 'contradicts_final_status' : null);
}

function doubt(
  refund: Refund,
  doubtReason: string,
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
  // The sweeper called it first; that inquiry cannot lift the doubt is worth knowing all the same.
  const next = isLasting ? { ...refund, doubtReason, nextStepAt, updatedAt: now } : refund;
  return keepRefund(next, 'already_in_doubt');
}

function retryLater(refund: Refund, reason: string, random: number, now: Date): RefundDecision {
  const nextStepAt = new Date(now.getTime() + retryDelayMs(refund.epoch, random));
  // After the sweeper's doubt the merchant may have been told; failed is the plain end of what was never sent.
  const canRetry = refund.status === 'submitting' && nextStepAt < refund.submitBefore;
  if (!canRetry) return unreachable(refund, 'reply', now);
  return moveRefund(refund, { to: 'queued', cause: 'reply', nextStepAt, note: reason }, now);
}

/** The end of a refund that could not be handed over in time. */
export function unreachable(refund: Refund, cause: 'reply' | 'request', now: Date): RefundDecision {
  const message = 'The gateway could not be reached before the deadline; nothing was sent.';
  const failure = { code: 'gateway_unreachable', message };
  return moveRefund(refund, { to: 'failed', cause, failure }, now);
}
