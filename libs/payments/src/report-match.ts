// Whether a report is about this payment at all (docs/gateway.md, protocol §12.4 and §12.6), and
// what one that is not makes of it. What is there and cannot be read is a difference: an unknown
// amount is not the right amount.
import type { GatewayReport, ReportField, Rival } from './evidence.js';
import { isSameAmount } from './money.js';
import type { CardSummary, Payment } from './payment.js';
import { type Alert, type Decision, disbelieve, move } from './decision.js';

/** What does not fit; the most telling difference first. */
export type Mismatch =
  | 'other_transaction'
  | 'transaction_of_another_payment'
  | 'other_reference'
  | 'other_terminal'
  | 'other_card'
  | 'amount_mismatch'
  | 'currency_mismatch'
  | `unreadable_${ReportField}`
  | 'reference_of_several_payments'
  | 'incomplete_report';

/** What a comparison has to know besides record and report. */
export interface Comparison {
  /** The reply to our own request may leave out what it does not contradict; an inquiry may not. */
  readonly mustBeComplete: boolean;
  /** Of what was found by the reference alone: the other payment that it may belong to. */
  readonly rival?: Rival | undefined;
}

/** Compares a report with the record. */
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
 * Which of `others`, the payments of the same gateway and reference, has the transaction that was
 * found, or may have it.
 */
export function rivalFor(report: GatewayReport, others: readonly Payment[]): Rival | undefined {
  if (others.some(({ transId }) => transId === report.transId)) return 'hasTransaction';
  // Whose terminal it names is known for the one that asked only.
  const found = { ...report, isOtherTerminal: false };
  const mayFit = (other: Payment) =>
    mismatch(other, found, { mustBeComplete: false }) === undefined;
  return others.some(mayFit) ? 'mayHaveTransaction' : undefined;
}

/**
 * Whether a transaction is not the payment's own: it has another one, or another payment has this
 * one.
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
 * Whether the transaction is the payment's own as far as the report tells, however wrong its money
 * is.
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
 * Compares the digits that are there: the generations of the gateway mask differently (protocol
 * §3.1, §6.3).
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
 * An authurl counts only where a payer would have to be sent there: it is always present, and often
 * of no use (protocol §12.2).
 */
function unreadableField(
  { authUrl }: Payment,
  { unreadable, state }: GatewayReport,
): `unreadable_${ReportField}` | undefined {
  const isUrlNeeded = authUrl === null && (state === 'pending' || state === 'testPending');
  const field = unreadable.find((name) => name !== 'authurl' || isUrlNeeded);
  return field && `unreadable_${field}`;
}

/** The ways in which the gateway speaks of a transaction. */
export type ReportCause = 'reply' | 'inquiry';

/** A report that does not fit, as far as it still matters. */
export interface Disbelieved {
  readonly difference: Mismatch;
  readonly cause: ReportCause;
  /** To ask about, where the transaction is the payment's own all the same. */
  readonly transId: string | null;
  readonly gatewayCode: string;
}

/**
 * Changes nothing but a doubt: the reply to our own request begins one, and what we asked for
 * ourselves says why it lasts.
 */
export function disbelieveReport(
  payment: Payment,
  { difference, cause, transId, gatewayCode }: Disbelieved,
  now: Date,
): Decision {
  const alert = alertOf(difference);
  if (cause === 'reply' && payment.status === 'submitting') {
    // The gateway answered our own request with something that is not what we asked for: it may
    // have charged anything.
    const doubt = { to: 'inDoubt', cause, doubtReason: difference } as const;
    const change = { ...doubt, transId: payment.transId ?? transId, gatewayCode, alert };
    return { ...move(payment, change, now), isDisbelieved: true };
  }
  const isInDoubt = payment.status === 'inDoubt';
  const next = isInDoubt ? { ...payment, doubtReason: difference, updatedAt: now } : payment;
  return { ...disbelieve(next, difference), alert };
}

/**
 * What a person is called for; a transaction with two payments is worse than a report that is about
 * nothing of ours.
 */
export function alertOf(difference: Mismatch): Alert {
  return difference === 'transaction_of_another_payment' ? difference : 'report_mismatch';
}
