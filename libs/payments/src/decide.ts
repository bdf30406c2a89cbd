// decide(payment, evidence, now) is the one place that turns evidence into a change. It is pure, so
// that reply, callback, inquiry, sweeper and caller cannot disagree, and every pair of status and
// evidence can be tested in a table.
import { retainRequestedTime } from './inquiry-requests.js';
import { type Decision, keep, move } from './decision.js';
import { decideOnAnswer } from './decide-on-answer.js';
import { decideOnCallback, inquireAfterReply, isInquiryOrdered } from './decide-on-callback.js';
import { decideOnReport } from './decide-on-report.js';
import {
  abandon,
  decideOnRequest,
  decideOnResolution,
  neverSend,
  unreachable,
} from './decide-on-request.js';
import { disbelieveReport, otherTransaction } from './report-match.js';
import type { Evidence, Outcome } from './evidence.js';
import type { Payment } from './payment.js';
import type { DoubtReason } from './reasons.js';
import { retryDelayMs } from './schedules.js';
import { hasBeenCharged } from './status.js';

/**
 * Returns the change that `evidence` makes to `payment` at `now`. Repeated and late evidence is
 * normal input, never an error.
 */
export function decide(payment: Payment, evidence: Evidence, now: Date): Decision {
  const decision = inquireAfterReply(
    payment,
    retainRequestedTime(payment, decideOn(payment, evidence, now)),
    now,
  );
  return { ...decision, ordersInquiry: isInquiryOrdered(payment, decision.next, now) };
}

function decideOn(payment: Payment, evidence: Evidence, now: Date): Decision {
  switch (evidence.cause) {
    case 'request':
      return decideOnRequest(payment, evidence, now);
    case 'reply':
      return decideOnOutcome(payment, evidence.outcome, evidence.random, now);
    case 'callback':
      return decideOnCallback(payment, evidence.report, now);
    case 'inquiry':
      return decideOnAnswer(payment, evidence, now);
    case 'operator':
      return decideOnResolution(payment, evidence.to, now);
    case 'sweeper':
      return evidence.act === 'abandoned' ? abandon(payment, now) : neverSend(payment, now);
  }
}

function decideOnOutcome(payment: Payment, outcome: Outcome, random: number, now: Date): Decision {
  // An inquiry or an operator settled the payment first: only the gateway's own report still
  // counts.
  const isOpen = payment.status === 'submitting' || payment.status === 'inDoubt';
  if (!isOpen && outcome.kind !== 'reported') return passedBy(payment, outcome);
  switch (outcome.kind) {
    case 'reported':
      return decideOnReport(payment, outcome.report, 'reply', now);
    case 'blocked': {
      const difference = otherTransaction(payment, outcome.transId);
      if (difference) {
        const reply = { cause: 'reply', transId: null, gatewayCode: outcome.code } as const;
        return disbelieveReport(payment, { difference, ...reply }, now);
      }
      const failure = { code: 'blocked', message: outcome.message } as const;
      const transId = payment.transId ?? outcome.transId;
      return move(
        payment,
        { to: 'blocked', cause: 'reply', failure, transId, gatewayCode: outcome.code },
        now,
      );
    }
    case 'refused': {
      const failure = { code: `gateway_${outcome.code}`, message: outcome.message } as const;
      const alert = outcome.isConfiguration ? 'terminal_misconfigured' : null;
      return move(
        payment,
        { to: 'failed', cause: 'reply', failure, gatewayCode: outcome.code, alert },
        now,
      );
    }
    case 'notSent': {
      const decision = retryLater(payment, outcome.reason, random, now);
      // Unlike a payment that the gateway refused for its configuration, this one goes back to the
      // queue: nothing was sent, and the terminal is paused until it can send.
      return outcome.isConfiguration ? { ...decision, alert: 'terminal_misconfigured' } : decision;
    }
    case 'alreadyKnown':
      return doubt(payment, 'reference_already_known', outcome.code, now);
    case 'unknown':
      return doubt(payment, outcome.reason, null, now);
  }
}

/**
 * Decides on a reply that comes after the payment has moved on. An alert follows if it says that a
 * charged payment was not charged.
 */
function passedBy(payment: Payment, { kind }: Outcome): Decision {
  const saysNoCharge = kind === 'notSent' || kind === 'refused' || kind === 'blocked';
  const contradicts = saysNoCharge && hasBeenCharged(payment.status);
  return keep(payment, 'already_moved_on', contradicts ? 'contradicts_final_status' : null);
}

function doubt(
  payment: Payment,
  reason: DoubtReason,
  gatewayCode: string | null,
  now: Date,
): Decision {
  if (payment.status === 'inDoubt') return keep(payment, 'already_in_doubt');
  return move(payment, { to: 'inDoubt', cause: 'reply', doubtReason: reason, gatewayCode }, now);
}

function retryLater(payment: Payment, reason: string, random: number, now: Date): Decision {
  const nextStepAt = new Date(now.getTime() + retryDelayMs(payment.attempt, random));
  // The sweeper was faster than a very late "not sent": the card is erased, but the doubt ends.
  const canRetry = payment.status === 'submitting' && nextStepAt < payment.submitBefore;
  if (!canRetry) return unreachable(payment, 'reply', now);
  return {
    ...move(payment, { to: 'queued', cause: 'reply', nextStepAt, note: reason }, now),
    restoresCard: true,
  };
}
