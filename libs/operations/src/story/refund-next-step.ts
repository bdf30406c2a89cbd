// Explains the next step of a refund in words, with the facts of the worker.
import { ALREADY_REQUESTED } from '@quittance/payments';
import type { PaymentHistory } from '@quittance/persistence';
import { at } from './next-step.js';

/**
 * Returns the next step of a refund: the automatic step, its time and its reason, or the person who
 * must act.
 */
export function nextStepOfRefund(
  refund: Pick<
    PaymentHistory['refunds'][number],
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
