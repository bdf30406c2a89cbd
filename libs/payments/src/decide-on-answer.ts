// Decides on the answer to an inquiry. An inquiry that proves nothing only moves the schedule on,
// unless the terminal's policy accepts "not found" as an answer.
import { isAssumedEnd, NEVER_ARRIVED, type Payment } from './payment.js';
import { watchDelayMs } from './schedules.js';
import { type Decision, keep, move } from './decision.js';
import { decideOnReport } from './decide-on-report.js';
import type { Evidence, InquiryAnswer } from './evidence.js';
import { isHandedOver } from './status.js';

type Inquiry = Extract<Evidence, { readonly cause: 'inquiry' }>;

export function decideOnAnswer(
  payment: Payment,
  { answer, asks = payment.asks }: Inquiry,
  now: Date,
): Decision {
  if (!isHandedOver(payment.status)) return keep(payment, 'not_at_gateway');
  const decision = weigh(payment, answer, now);
  const next = decision.move
    ? decision.next
    : scheduleNextInquiry(decision.next, answer, asks, now);
  return { ...decision, next: { ...next, asksAnswered: Math.max(asks, payment.asksAnswered) } };
}

function weigh(payment: Payment, answer: InquiryAnswer, now: Date): Decision {
  switch (answer.kind) {
    case 'reported':
      return decideOnReport(payment, answer.report, 'inquiry', now, answer.rival);
    case 'absent':
      // A transID proves that the gateway has the transaction; a later "not found" does not
      // disprove it.
      return payment.status === 'inDoubt' && payment.transId === null
        ? neverArrived(payment, now)
        : keep(payment, 'notFound');
    case 'existsWithoutDetails':
      return keep(payment, answer.kind, isAssumedEnd(payment) ? 'contradicts_final_status' : null);
    case 'notFound':
    case 'unanswered':
    case 'noWayToAsk':
      return keep(payment, answer.kind);
  }
}

function neverArrived(payment: Payment, now: Date): Decision {
  const message =
    'The gateway reported the payment as unknown for as long as the terminal’s policy requires.';
  const failure = { code: NEVER_ARRIVED, message } as const;
  return move(payment, { to: 'failed', cause: 'inquiry', failure }, now);
}

/**
 * Moves the schedule on after an inquiry that changed nothing. An inquiry out of turn repeats the
 * wait that it cut short.
 */
function scheduleNextInquiry(
  payment: Payment,
  answer: InquiryAnswer,
  asks: number,
  now: Date,
): Payment {
  const isOutOfTurn = asks > payment.asksAnswered;
  const inquiries = isOutOfTurn ? payment.inquiries : payment.inquiries + 1;
  const delay = answer.kind === 'noWayToAsk' ? null : watchDelayMs(payment, inquiries);
  const nextStepAt = delay === null ? null : new Date(now.getTime() + delay);
  return { ...payment, inquiries, nextStepAt };
}
