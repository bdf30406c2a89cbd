// Explains the refunds of a payment: the request, every transition and attempt, and the next step.
import { nextStepOfRefund } from '@quittance/operations';
import { formatAmount, refundStatusToWire } from '@quittance/payments';
import type { PaymentHistory } from '@quittance/persistence';
import { refundAttemptsTable, transitionsTable } from './history.js';

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
