// Explains the refunds of a payment: the request, every transition and attempt, and the next step.
import { ALREADY_REQUESTED, formatAmount, refundStatusToWire } from '@quittance/payments';
import type { PaymentHistory } from '@quittance/persistence';
import { attemptFacts, refundAttemptsTable, transitionFacts, transitionsTable } from './history.js';
import { at } from './next-step.js';

type RefundHistory = PaymentHistory['refunds'][number];

/**
 * Returns the explanation of one refund, in several lines. `now` decides whether its step is
 * overdue.
 */
export function refundExplanation(refund: RefundHistory, now: Date): string {
  const { amountMinor: minor, currency, reference, id, failureCode, failureMessage } = refund;
  const why = failureCode === null ? refund.doubtReason : `${failureCode}: ${failureMessage}`;
  return [
    `${reference}  ${id}  ${formatAmount({ minor, currency })} ${currency}`,
    `status ${refundStatusToWire(refund.status)}${why ? ` (${why})` : ''}, version ${refund.version}`,
    transitionsTable(refund.events, refundStatusToWire),
    ...(refund.attempts.length > 0 ? [refundAttemptsTable(refund.attempts)] : []),
    `next: ${nextStepOfRefund(refund, now)}`,
  ].join('\n');
}

/** Returns the same facts for programs. */
export function refundFacts(refund: RefundHistory, now: Date) {
  const { amountMinor: minor, currency } = refund;
  return {
    id: refund.id,
    reference: refund.reference,
    amount: formatAmount({ minor, currency }),
    currency,
    status: refundStatusToWire(refund.status),
    failure: failureOf(refund),
    doubt_reason: refund.doubtReason,
    version: refund.version,
    transitions: transitionFacts(refund.events, refundStatusToWire),
    attempts: attemptFacts(refund.attempts),
    next_step: { at: refund.nextStepAt, description: nextStepOfRefund(refund, now) },
  };
}

const failureOf = ({ failureCode: code, failureMessage: message }: RefundHistory) =>
  code === null ? null : { code, message };

/**
 * Returns the next step of a refund: the automatic step, its time and its reason, or the person who
 * must act.
 */
export function nextStepOfRefund(
  refund: Pick<
    RefundHistory,
    'status' | 'attempt' | 'inquiries' | 'doubtReason' | 'nextStepAt' | 'submitBefore'
  >,
  now: Date,
): string {
  const due = at(refund.nextStepAt, now);
  switch (refund.status) {
    case 'queued':
      return (
        `Waiting for a worker${refund.attempt > 0 ? `; attempt ${refund.attempt} was provably not sent` : ''}. Its step is due ${due}. ` +
        `No attempt is opened after ${refund.submitBefore.toISOString()}; then it fails.`
      );
    case 'submitting':
      return (
        `Waiting for the reply to attempt ${refund.attempt}. If its worker has died, the sweeper makes the refund ` +
        `in_doubt ${due}: the request may have reached the gateway.`
      );
    case 'inDoubt':
      return refund.doubtReason === ALREADY_REQUESTED
        ? 'No automatic step: the gateway has a refund but does not say which one. An operator with evidence ends the doubt.'
        : `Inquiry ${refund.inquiries + 1} about the payment ${due}, because it is unknown whether the gateway accepted it.`;
    case 'accepted':
      return 'The inquiries about the payment will show its completion, a manual step at the gateway.';
    case 'succeeded':
    case 'failed':
      return 'None.';
  }
}
