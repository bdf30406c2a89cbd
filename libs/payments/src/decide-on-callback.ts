// Decides on a callback, which causes an inquiry and nothing else (docs/adr/0021). It carries no
// signature, the gateway itself posts arbitrary content to a payment's address (protocol §0, §6.2),
// and its encryption has no MAC. So a callback moves no payment, ends none, reverses none and names
// no transaction. The gateway's answer to our own inquiry does.
import { requestInquiry } from './inquiry-requests.js';
import { isAssumedEnd, type Payment } from './payment.js';
import { type Decision, disbelieve, keep } from './decision.js';
import { decideOnReport } from './decide-on-report.js';
import type { GatewayReport } from './evidence.js';
import { isHandedOver } from './status.js';

/** The least time between two inquiries about one payment that callbacks cause. */
export const HINTS_APART_MS = 5_000;
/**
 * The due time of an inquiry that is ordered at once, from now: it matters only if the order is
 * lost. Longer than the pause, so that a further callback requests an inquiry of its own.
 */
export const ORDER_IS_LOST_AFTER_MS = 10_000;

/** The result of a callback that would change something if it were true. */
export const TO_BE_CONFIRMED = 'to_be_confirmed';

/**
 * Requests an inquiry if the callback says anything that is not on record; leaves everything else
 * of the payment as it is.
 */
export function decideOnCallback(
  payment: Payment,
  report: GatewayReport | null,
  now: Date,
): Decision {
  // No request was ever sent, so the gateway cannot know of the payment.
  if (payment.attempt === 0) return disbelieve(payment, 'not_at_gateway');
  if (report === null) return keep(requestInquirySoon(payment, now), 'unreadable');
  // Decides as if this were the gateway's answer, to see if it would change anything.
  const decision = decideOnReport(payment, report, 'inquiry', now);
  const { move, alert, isDisbelieved, unmoved } = decision;
  if (isDisbelieved) return { ...decision, next: requestInquirySoon(payment, now) };
  const isNews = move !== null || alert !== null || unmoved === 'refund_under_way';
  if (!isNews) return keep(payment, unmoved ?? 'same_status');
  const asked = requestInquirySoon(payment, now);
  // The callback claims that an assumed end is not one: the schedule of inquiries starts again.
  return keep(isAssumedEnd(payment) ? { ...asked, inquiries: 0 } : asked, TO_BE_CONFIRMED);
}

/**
 * Requests an inquiry now, or when the pause since the last one of this kind is over. Without the
 * pause, any holder of the address could make us inquire without end. A true callback among
 * forged ones waits for the pause at most, because one inquiry answers all callbacks before it.
 */
function requestInquirySoon(payment: Payment, now: Date): Payment {
  const { status, nextStepAt } = payment;
  if (status === 'queued') return payment;
  // The inquiry waits for the reply, see inquireAfterReply().
  if (status === 'submitting')
    return payment.hintedAt === null ? { ...payment, hintedAt: now } : payment;
  const hintedAt = nextHintedInquiryAt(payment, now);
  // An inquiry that is due by then answers this callback too, unless it has read the payment
  // already: the request's number tells.
  if (nextStepAt !== null && nextStepAt <= hintedAt) return requestInquiry(payment, nextStepAt);
  const dueAt = hintedAt <= now ? ifOrderIsLost(now) : hintedAt;
  return { ...requestInquiry(payment, dueAt), hintedAt };
}

function nextHintedInquiryAt({ hintedAt }: Payment, now: Date): Date {
  if (hintedAt === null) return now;
  const ms = hintedAt > now ? hintedAt.getTime() : hintedAt.getTime() + HINTS_APART_MS;
  // Never later than one pause from now, even if the clock of another process is wrong.
  const latestMs = now.getTime() + HINTS_APART_MS;
  return new Date(Math.min(Math.max(ms, now.getTime()), latestMs));
}

function ifOrderIsLost(now: Date): Date {
  return new Date(now.getTime() + ORDER_IS_LOST_AFTER_MS);
}

/**
 * Makes the first inquiry due at once if a callback arrived before the reply. The reply may be
 * older than the callback, whose news must not wait for the first inquiry of the schedule.
 */
export function inquireAfterReply(before: Payment, decision: Decision, now: Date): Decision {
  const { next, move } = decision;
  const isOver = before.status === 'submitting' && move !== null && isHandedOver(next.status);
  if (!isOver || before.hintedAt === null) return decision;
  return { ...decision, next: { ...next, nextStepAt: ifOrderIsLost(now), hintedAt: now } };
}

/** True when a callback causes an inquiry at `now`, and not after the pause since another one. */
export function isInquiryOrdered(before: Payment, { hintedAt, status }: Payment, now: Date) {
  const isNew = hintedAt?.getTime() !== before.hintedAt?.getTime();
  return isHandedOver(status) && isNew && hintedAt !== null && hintedAt <= now;
}
