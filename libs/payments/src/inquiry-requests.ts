// Counts requests for an inquiry now. Such a request ends with the answer to an inquiry that
// started after it. Neither the answer to an earlier inquiry nor other evidence removes its due
// time.
import type { Decision } from './decision.js';
import type { Payment } from './payment.js';
import { isHandedOver } from './status.js';

/** True when the next inquiry is out of turn. It uses up no entry of the schedule. */
export function isInquiryRequested({
  asks,
  asksAnswered,
}: Pick<Payment, 'asks' | 'asksAnswered'>): boolean {
  return asks > asksAnswered;
}

/**
 * Requests an inquiry now, to check a claim that does not come from the gateway. Before the reply
 * `nextStepAt` is the time to send or to sweep, so it stays; the transition that follows
 * schedules the first inquiry. An inquiry already in flight does not count as the answer: see
 * {@link Payment.asks}.
 */
export function requestInquiry(payment: Payment, now: Date): Payment {
  const { status, asks } = payment;
  return isHandedOver(status) ? { ...payment, asks: asks + 1, nextStepAt: now } : payment;
}

/** Returns `decision` with the earlier due time of `before` while an answer is still awaited. */
export function retainRequestedTime(before: Payment, decision: Decision): Decision {
  const { next, move } = decision;
  if (!isInquiryRequested(next)) return decision;
  // Sending the payment, or sweeping its attempt, was the step requested; the next status has a
  // schedule of its own.
  if (move && !isHandedOver(before.status))
    return { ...decision, next: { ...next, asksAnswered: next.asks } };
  const nextStepAt = earlier(before.nextStepAt, next.nextStepAt);
  return nextStepAt === next.nextStepAt ? decision : { ...decision, next: { ...next, nextStepAt } };
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
