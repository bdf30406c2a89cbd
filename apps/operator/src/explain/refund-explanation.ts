// The refunds of a payment as text: what was asked, every move and attempt, and what comes next.
import { ALREADY_REQUESTED, formatAmount, refundStatusToWire } from '@quittance/payments';
import type { PaymentHistory } from '@quittance/persistence';
import { movesTable, refundAttemptsTable } from './history-tables.js';
import { at } from './next-step.js';

type RefundHistory = PaymentHistory['refunds'][number];

/** One refund in several lines. `now` tells what is overdue. */
export function refundExplanation(refund: RefundHistory, now: Date): string {
  const { amountMinor: minor, currency, reference, id, failureCode, failureMessage } = refund;
  const why = failureCode === null ? refund.doubtReason : `${failureCode}: ${failureMessage}`;
  return [
    `${reference}  ${id}  ${formatAmount({ minor, currency })} ${currency}`,
    `status ${refundStatusToWire(refund.status)}${why ? ` (${why})` : ''}, version ${refund.version}`,
    movesTable(refund.events, refundStatusToWire),
    ...(refund.attempts.length > 0 ? [refundAttemptsTable(refund.attempts)] : []),
    `next: ${nextStepOfRefund(refund, now)}`,
  ].join('\n');
}

/** What will happen to a refund by itself, when, and why; or who has to act where nothing will. */
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
        `Waiting for a worker${refund.attempt > 0 ? `; attempt ${refund.attempt} provably never left` : ''}. Its step is due ${due}. ` +
        `No attempt is opened after ${refund.submitBefore.toISOString()}; then it fails.`
      );
    case 'submitting':
      return (
        `The reply to attempt ${refund.attempt} is awaited. If its worker has died, the sweeper makes the refund ` +
        `in_doubt ${due}: the request may have reached the gateway.`
      );
    case 'inDoubt':
      return refund.doubtReason === ALREADY_REQUESTED
        ? 'Nothing by itself: the gateway has a refund and does not say whose. A person with evidence takes it out of doubt.'
        : `Inquiry ${refund.inquiries + 1} about the payment ${due}, because we do not know whether the gateway took it.`;
    case 'accepted':
      return 'The watch over the payment sees it completed; that is a manual step at the gateway.';
    case 'succeeded':
    case 'failed':
      return 'Nothing.';
  }
}
