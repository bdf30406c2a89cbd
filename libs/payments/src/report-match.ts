// Checks that a report is about this payment (docs/gateway.md, protocol §12.4 and §12.6), and
// decides on one that is not. A field that is present but unreadable counts as a difference: an
// unknown amount is not the right amount.
import type { GatewayReport, Rival } from './evidence.js';
import { isSameAmount } from './money.js';
import type { CardSummary, Payment } from './payment.js';
import type { Mismatch, ReportField } from './reasons.js';
import { type Alert, type Decision, disbelieve, move } from './decision.js';

/** The input of a comparison besides record and report. */
export interface Comparison {
  /** False for the reply to our own request, which may omit fields; true for an inquiry. */
  readonly mustBeComplete: boolean;
  /**
   * For a transaction found by the reference alone: the claim of the other payment it may belong
   * to.
   */
  readonly rival?: Rival | undefined;
}

/**
 * Compares a report with the record. Returns the first difference, or `undefined` if they match.
 */
export function mismatch(
  payment: Payment,
  report: GatewayReport,
  { mustBeComplete, rival }: Comparison,
): Mismatch | undefined {
  const { reference, amount, currency } = report;
  const isComplete = reference !== null && amount !== null && currency !== null;
  return (
    otherTransaction(payment, report.transId) ??
    (rival === 'hasTransaction' ? 'transaction_of_another_payment' : undefined) ??
    otherSubject(payment, report) ??
    otherMoney(payment, report) ??
    unreadableField(payment, report) ??
    (rival === 'mayHaveTransaction' ? 'reference_of_several_payments' : undefined) ??
    (mustBeComplete && !isComplete ? 'incomplete_report' : undefined)
  );
}

/**
 * Returns the claim of `others`, the payments of the same gateway and reference, on the transaction
 * that was found.
 */
export function rivalFor(report: GatewayReport, others: readonly Payment[]): Rival | undefined {
  if (others.some(({ transId }) => transId === report.transId)) return 'hasTransaction';
  // The report names the terminal relative to the payment that inquired, not to these.
  const found = { ...report, isOtherTerminal: false };
  const mayFit = (other: Payment) =>
    mismatch(other, found, { mustBeComplete: false }) === undefined;
  return others.some(mayFit) ? 'mayHaveTransaction' : undefined;
}

/**
 * True when the transaction is not the payment's own: the payment has another one, or another
 * payment has this one.
 */
export function otherTransaction(
  { transId: own, foreignTransIds }: Payment,
  transId: string | null,
): 'other_transaction' | 'transaction_of_another_payment' | undefined {
  if (transId === null || transId === own) return undefined;
  if (own !== null) return 'other_transaction';
  return foreignTransIds?.has(transId) ? 'transaction_of_another_payment' : undefined;
}

/**
 * True when the transaction is the payment's own as far as the report shows, even if its amount is
 * wrong.
 */
export function isAboutPayment(payment: Payment, report: GatewayReport): boolean {
  const { transId, unreadable } = report;
  const isUnclear = unreadable.some((field) => IDENTITY.has(field));
  return !isUnclear && !otherTransaction(payment, transId) && !otherSubject(payment, report);
}

const IDENTITY: ReadonlySet<ReportField> = new Set(['reference', 'terminal', 'card']);

function otherSubject(
  { reference, card }: Payment,
  report: GatewayReport,
): 'other_reference' | 'other_terminal' | 'other_card' | undefined {
  if (report.reference !== null && report.reference !== reference) return 'other_reference';
  if (report.isOtherTerminal) return 'other_terminal';
  const { maskedCard } = report;
  const isOtherCard = card !== null && maskedCard !== null && !mayBeCard(card, maskedCard);
  return isOtherCard ? 'other_card' : undefined;
}

/**
 * Compares the digits that are present: the protocol generations mask differently (protocol §3.1,
 * §6.3).
 */
function mayBeCard({ first6, last4 }: CardSummary, masked: string): boolean {
  const [, first = '', last = ''] = /^(\d*?)[Xx*]*(\d{0,4})$/.exec(masked) ?? [];
  return first6.startsWith(first) && last4.endsWith(last);
}

function otherMoney(
  { amountMinor: minor, currency }: Payment,
  report: GatewayReport,
): 'amount_mismatch' | 'currency_mismatch' | undefined {
  if (report.amount !== null && !isSameAmount({ minor, currency }, report.amount))
    return 'amount_mismatch';
  if (report.currency !== null && report.currency !== currency) return 'currency_mismatch';
  return undefined;
}

/**
 * Returns the first unreadable field that matters. An authurl matters only if the payer would have
 * to visit it: it is always present, and often useless (protocol §12.2).
 */
function unreadableField(
  { authUrl }: Payment,
  { unreadable, state }: GatewayReport,
): `unreadable_${ReportField}` | undefined {
  const isUrlNeeded = authUrl === null && (state === 'pending' || state === 'testPending');
  const field = unreadable.find((name) => name !== 'authurl' || isUrlNeeded);
  return field && `unreadable_${field}`;
}

/** The ways in which the gateway reports a transaction. */
export type ReportCause = 'reply' | 'inquiry';

/** A report that does not match, reduced to what still matters. */
export interface Disbelieved {
  readonly difference: Mismatch;
  readonly cause: ReportCause;
  /**
   * The transID to inquire by, if the transaction is the payment's own in spite of the difference.
   */
  readonly transId: string | null;
  readonly gatewayCode: string;
}

/**
 * Changes nothing but a doubt: the reply to our own request raises one, and the answer to our own
 * inquiry explains why it lasts.
 */
export function disbelieveReport(
  payment: Payment,
  { difference, cause, transId, gatewayCode }: Disbelieved,
  now: Date,
): Decision {
  const alert = alertOf(difference);
  if (cause === 'reply' && payment.status === 'submitting') {
    // The gateway's reply is not about our request: it may have charged anything.
    const doubt = { to: 'inDoubt', cause, doubtReason: difference } as const;
    const change = { ...doubt, transId: payment.transId ?? transId, gatewayCode, alert };
    return { ...move(payment, change, now), isDisbelieved: true };
  }
  const isInDoubt = payment.status === 'inDoubt';
  const next = isInDoubt ? { ...payment, doubtReason: difference } : payment;
  return { ...disbelieve(next, difference), alert };
}

/**
 * Returns the alert for a difference. One transaction with two payments is worse than a report that
 * concerns no payment of ours.
 */
export function alertOf(difference: Mismatch): Alert {
  return difference === 'transaction_of_another_payment' ? difference : 'report_mismatch';
}
