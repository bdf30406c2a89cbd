// What the gateway's own word makes of a payment: the same for a reply, a callback and an inquiry.
import type { Mismatch } from './belief.js';
import { mismatch } from './belief.js';
import type { Alert, Decision } from './decision.js';
import { disbelieve, keep, move } from './decision.js';
import type { GatewayReport } from './evidence.js';
import { meaningOfOrderStatus, saysTakenBack } from './order-status.js';
import type { Payment, PaymentFlag } from './payment.js';
import type { PaymentStatus } from './status.js';
import { hasBeenCharged, isEnded, isSoftEnd, mayMove } from './status.js';

type ReportCause = 'reply' | 'callback' | 'inquiry';

/** Checks that the report is about this payment, translates its code, and moves if the table of moves allows it. */
export function decideOnReport(
  payment: Payment,
  report: GatewayReport,
  cause: ReportCause,
  now: Date,
): Decision {
  // Nothing has left, so the gateway cannot know of it: whatever says so must neither end the payment nor name its transaction.
  if (payment.status === 'queued') return disbelieve(payment, 'not_at_gateway');
  const difference = mismatch(payment, report, { mustBeComplete: cause !== 'reply' });
  if (difference) return disbelieveReport(payment, report, difference, cause, now);

  const known = learn(payment, report);
  if (isForRefundToDecide(payment, report)) return keep(known, 'refund_under_way');
  const meaning = meaningOfOrderStatus(report.orderStatus, known);
  if ('unusable' in meaning)
    return decideOnUnusableCode(payment, known, report, meaning.unusable, cause, now);

  const { status } = meaning;
  if (status === payment.status) return keep(known, 'same_status');
  if (!mayMove(payment.status, status))
    return keep(known, 'no_such_move', contradiction(payment, status));
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

/** Money went back while a refund of ours is under way: whether it was that refund is decided with it, see decideRefund(). */
function isForRefundToDecide(payment: Payment, { orderStatus }: GatewayReport): boolean {
  return saysTakenBack(orderStatus) && payment.refundReservedMinor > payment.refundedMinor;
}

/**
 * What identifies the transaction, once and for all. The authurl of the create reply is kept: status replies can carry
 * another transaction's (protocol §4.2).
 */
function learn(payment: Payment, { transId, authUrl }: GatewayReport): Payment {
  const isNews = payment.transId === null || (payment.authUrl === null && authUrl !== null);
  return isNews ? { ...payment, transId, authUrl: payment.authUrl ?? authUrl } : payment;
}

function disbelieveReport(
  payment: Payment,
  report: GatewayReport,
  difference: Mismatch,
  cause: ReportCause,
  now: Date,
): Decision {
  if (cause !== 'reply' || payment.status !== 'submitting') return disbelieve(payment, difference);
  // The gateway answered our own request with something that is not what we asked for: it may have charged anything.
  // Another payment's transID would make us disbelieve our own callback later.
  const transId = payment.transId ?? (difference === 'other_reference' ? null : report.transId);
  const doubt = { to: 'inDoubt', cause, doubtReason: difference, transId } as const;
  return {
    ...move(payment, { ...doubt, gatewayCode: report.orderStatus, alert: 'report_mismatch' }, now),
    isDisbelieved: true,
  };
}

function decideOnUnusableCode(
  payment: Payment,
  known: Payment,
  report: GatewayReport,
  reason: 'unknown_code' | 'test_outcome_on_live_terminal',
  cause: ReportCause,
  now: Date,
): Decision {
  if (reason === 'test_outcome_on_live_terminal' && mayMove(payment.status, 'failed')) {
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
  // What we already know stands; the code is not written over it, because nobody knows what it means.
  const alert: Alert = reason === 'unknown_code' ? 'unknown_order_status' : reason;
  return keep(known, reason, alert);
}

/** The gateway's words go on record only with the move they caused: a late "pending" must not overwrite an "approved". */
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

/** A success after an end that was only soft, or after a failure, is the truth; somebody should hear of it. */
function lateness(
  from: PaymentStatus,
  to: PaymentStatus,
): { flag: PaymentFlag | null; alert: Alert | null } {
  if (!hasBeenCharged(to)) return { flag: null, alert: null };
  if (isSoftEnd(from)) return { flag: 'late_success', alert: 'late_success' };
  if (from === 'failed') return { flag: 'arrived_after_failure', alert: 'late_success' };
  return { flag: null, alert: null };
}

/** Old news (a 0 after a 1) is normal; a success after a decline, or the reverse, is not. */
function contradiction(payment: Payment, reported: PaymentStatus): Alert | null {
  if (!isEnded(payment.status) || !isEnded(reported)) return null;
  if (hasBeenCharged(payment.status) === hasBeenCharged(reported)) return null;
  return isSoftEnd(reported) ? null : 'contradicts_final_status';
}
