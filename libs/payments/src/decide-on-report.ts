// Decides on the gateway's report of a transaction, in the same way for a reply and for the answer
// to an inquiry.
import { isAssumedEnd, type Payment, type PaymentFlag } from './payment.js';
import { watchDelayMs } from './schedules.js';
import { disbelieveReport, isAboutPayment, mismatch, type ReportCause } from './report-match.js';
import { type Alert, type Decision, disbelieve, keep, move } from './decision.js';
import type { GatewayReport, Rival } from './evidence.js';
import { meaningOfState } from './reported-state.js';
import {
  hasBeenCharged,
  isAwaitingGateway,
  isEnded,
  isSoftEnd,
  mayMove,
  type PaymentStatus,
} from './status.js';

/**
 * Checks that the report is about this payment, translates its code, and moves the payment if the
 * table of transitions allows it. `rival` is the other payment that a transaction found by the
 * reference alone may belong to.
 */
export function decideOnReport(
  payment: Payment,
  report: GatewayReport,
  cause: ReportCause,
  now: Date,
  rival?: Rival,
): Decision {
  // Nothing was sent, so the gateway cannot know of the payment. A report that says otherwise must
  // neither end the payment nor name its transaction.
  if (payment.status === 'queued') return disbelieve(payment, 'not_at_gateway');
  const difference = mismatch(payment, report, { mustBeComplete: cause !== 'reply', rival });
  if (difference) {
    // With another payment's transID we would disbelieve every later report about our own.
    const transId = isAboutPayment(payment, report) ? report.transId : null;
    const gatewayCode = report.orderStatus;
    return disbelieveReport(payment, { difference, cause, transId, gatewayCode }, now);
  }

  const known = learn(payment, report);
  if (isForRefundToDecide(payment, report)) return keep(known, 'refund_under_way');
  const meaning = meaningOfState(report.state, known);
  if ('unusable' in meaning)
    return decideOnUnusableCode(payment, known, report, meaning.unusable, cause, now);

  const { status } = meaning;
  if (status === payment.status) return keep(known, 'same_status');
  if (!mayFollow(payment, status, cause)) {
    const next = cause === 'inquiry' ? known : watched(known, status, now);
    return keep(next, 'no_such_move', contradiction(payment, status));
  }
  return move(
    known,
    {
      to: status,
      cause,
      ...wordsOf(report),
      failure: failureOf(status, report),
      ...lateness(payment.status, status),
    },
    now,
  );
}

/**
 * Applies the table of transitions and two conditions that it cannot express: the source of the
 * present status, and the age of the report.
 */
function mayFollow(payment: Payment, to: PaymentStatus, cause: ReportCause): boolean {
  if (!mayMove(payment.status, to)) return false;
  switch (payment.status) {
    case 'declined':
    case 'blocked':
      return isAssumedEnd(payment);
    case 'failed':
      return isAssumedEnd(payment) || hasBeenCharged(to);
    case 'disputed':
      // A late reply may be older than the dispute; an inquiry reads the present state.
      return to === 'chargedBack' || cause === 'inquiry';
    default:
      return true;
  }
}

/**
 * Restarts the inquiries about a payment that was assumed to have ended but is still open at the
 * gateway.
 */
function watched(payment: Payment, reported: PaymentStatus, now: Date): Payment {
  if (!isAssumedEnd(payment) || !isAwaitingGateway(reported)) return payment;
  const delay = watchDelayMs(payment, 0);
  const nextStepAt = delay === null ? null : new Date(now.getTime() + delay);
  return { ...payment, inquiries: 0, nextStepAt };
}

/**
 * True when money went back while a refund of ours is under way. decideRefund() then decides if it
 * was that refund.
 */
function isForRefundToDecide(payment: Payment, { state }: GatewayReport): boolean {
  return state === 'takenBack' && payment.refundReservedMinor > payment.refundedMinor;
}

/**
 * Adds the transID and authurl, which never change afterwards. The authurl of the create reply
 * stays: status replies can carry another transaction's (protocol §4.2).
 */
function learn(payment: Payment, { transId, authUrl }: GatewayReport): Payment {
  const isNews = payment.transId === null || (payment.authUrl === null && authUrl !== null);
  return isNews ? { ...payment, transId, authUrl: payment.authUrl ?? authUrl } : payment;
}

function decideOnUnusableCode(
  payment: Payment,
  known: Payment,
  report: GatewayReport,
  reason: 'unknown_code' | 'test_outcome_on_live_terminal',
  cause: ReportCause,
  now: Date,
): Decision {
  if (reason === 'test_outcome_on_live_terminal' && !isEnded(payment.status)) {
    const failure = {
      code: reason,
      message: 'The gateway answered with a test outcome on a live terminal; no money moved.',
    };
    return move(
      known,
      { to: 'failed', cause, ...wordsOf(report), failure, flag: reason, alert: reason },
      now,
    );
  }
  if (reason === 'unknown_code' && payment.status === 'submitting') {
    const doubtReason = 'unknown_order_status';
    return move(
      known,
      { to: 'inDoubt', cause, ...wordsOf(report), doubtReason, alert: doubtReason },
      now,
    );
  }
  // The code on record stays, because the meaning of the new one is unknown.
  const alert: Alert = reason === 'unknown_code' ? 'unknown_order_status' : reason;
  return keep(known, reason, alert);
}

/**
 * Returns the gateway's code and text. They are stored only with the transition that they caused: a
 * late "pending" must not overwrite an "approved".
 */
function wordsOf({ orderStatus, response }: GatewayReport) {
  return { orderStatus, gatewayResponse: response, gatewayCode: orderStatus };
}

function failureOf(status: PaymentStatus, report: GatewayReport): Payment['failure'] {
  if (status !== 'declined' && status !== 'blocked' && status !== 'failed') return null;
  const code = status === 'failed' ? 'gateway_failed' : status;
  return {
    code,
    message: report.response ?? `The gateway answered with order_status ${report.orderStatus}.`,
  };
}

/**
 * A success after a soft end or a failure is accepted as the truth, and a person on call is
 * alerted.
 */
export function lateness(
  from: PaymentStatus,
  to: PaymentStatus,
): { flag: PaymentFlag | null; alert: Alert | null } {
  if (!hasBeenCharged(to)) return { flag: null, alert: null };
  if (isSoftEnd(from)) return { flag: 'late_success', alert: 'late_success' };
  if (isEnded(from) && !hasBeenCharged(from))
    return { flag: 'arrived_after_failure', alert: 'late_success' };
  return { flag: null, alert: null };
}

/**
 * Returns an alert if the report contradicts the record. Outdated news (a 0 after a 1) is normal; a
 * success after a decline, or the reverse, is not.
 */
export function contradiction(payment: Payment, reported: PaymentStatus): Alert | null {
  if (isAssumedEnd(payment) && isAwaitingGateway(reported)) return 'contradicts_final_status';
  if (!isEnded(payment.status) || !isEnded(reported)) return null;
  if (hasBeenCharged(payment.status) === hasBeenCharged(reported)) return null;
  return isSoftEnd(reported) ? null : 'contradicts_final_status';
}
