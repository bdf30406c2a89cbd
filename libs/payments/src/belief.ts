// Whether a report is about this payment at all (architecture §6, protocol §12.4 and §12.6).
import type { GatewayReport } from './evidence.js';
import { isSameAmount } from './money.js';
import type { Payment } from './payment.js';

/** What does not fit; the most telling difference first. */
export type Mismatch =
  | 'other_transaction'
  | 'other_reference'
  | 'amount_mismatch'
  | 'currency_mismatch'
  | 'incomplete_report';

/**
 * Compares a report with the record. The reply to our own request may leave out what it does not contradict;
 * a callback or an inquiry must name reference, amount and currency (`mustBeComplete`).
 */
export function mismatch(
  payment: Payment,
  report: GatewayReport,
  { mustBeComplete }: { mustBeComplete: boolean },
): Mismatch | undefined {
  const { reference, amount, currency } = report;
  if (payment.transId !== null && payment.transId !== report.transId) return 'other_transaction';
  if (reference !== null && reference !== payment.reference) return 'other_reference';
  const money = { minor: payment.amountMinor, currency: payment.currency };
  if (amount !== null && !isSameAmount(money, amount)) return 'amount_mismatch';
  if (currency !== null && currency !== payment.currency) return 'currency_mismatch';
  const isComplete = reference !== null && amount !== null && currency !== null;
  return mustBeComplete && !isComplete ? 'incomplete_report' : undefined;
}
