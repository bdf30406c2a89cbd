// A request to ask now is over when an answer has come that was asked for after it, and not before:
// neither an answer to an earlier question nor news from elsewhere takes its due time away.
import type { Decision } from './decision.js';
import type { Payment } from './payment.js';
import { isHandedOver } from './status.js';

/** Whether the next inquiry is out of turn. It takes no place of the schedule. */
export function isAsked({ asks, asksAnswered }: Pick<Payment, 'asks' | 'asksAnswered'>): boolean {
  return asks > asksAnswered;
}

/**
 * What somebody claims is checked: ask the gateway now. Before the reply `nextStepAt` is when to
 * send or to sweep, so that it stays; the move that follows schedules the first inquiry. An inquiry
 * that is under way does not count as the answer: see {@link Payment.asks}.
 */
export function askNow(payment: Payment, now: Date): Payment {
  const { status, asks } = payment;
  return isHandedOver(status)
    ? { ...payment, asks: asks + 1, nextStepAt: now, updatedAt: now }
    : payment;
}

/** The decision about `before` with the due time of whoever still waits for an answer. */
export function keepAsked(before: Payment, decision: Decision): Decision {
  const { next, move } = decision;
  if (!isAsked(next)) return decision;
  // Sending it, or sweeping what was sent, is the step that was wanted: what follows has a schedule
  // of its own.
  if (move && !isHandedOver(before.status))
    return { ...decision, next: { ...next, asksAnswered: next.asks } };
  const nextStepAt = earlier(before.nextStepAt, next.nextStepAt);
  return nextStepAt === next.nextStepAt ? decision : { ...decision, next: { ...next, nextStepAt } };
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
