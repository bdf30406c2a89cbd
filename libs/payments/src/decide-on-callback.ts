// What a callback is worth: a question to the gateway, and nothing else (docs/adr/0021). It carries
// no signature, the gateway itself posts what anybody wants to a payment's address (protocol §0,
// §6.2), and its encryption has no MAC. So a callback moves no payment, ends none, takes none back
// and names no transaction; what the gateway answers to our own question does.
import { askNow } from './asks.js';
import { isAssumedEnd, type Payment } from './payment.js';
import { type Decision, disbelieve, keep } from './decision.js';
import { decideOnReport } from './decide-on-report.js';
import type { GatewayReport } from './evidence.js';
import { isHandedOver } from './status.js';

/** Callbacks have the gateway asked about one payment at most so often, however many come. */
export const HINTS_APART_MS = 5_000;

/** The word for a callback that would change something if it were true. */
export const TO_BE_CONFIRMED = 'to_be_confirmed';

/**
 * Asks where the callback says anything that is not on record; leaves everything else of the
 * payment as it is.
 */
export function decideOnCallback(
  payment: Payment,
  report: GatewayReport | null,
  now: Date,
): Decision {
  // Nothing of it has ever left, so that the gateway cannot know of it.
  if (payment.epoch === 0) return disbelieve(payment, 'not_at_gateway');
  if (report === null) return keep(askSoon(payment, now), 'unreadable');
  // Weighed as if it were the gateway's answer, to see whether that would change anything.
  const told = decideOnReport(payment, report, 'inquiry', now);
  const { move, alert, isDisbelieved, unmoved } = told;
  if (isDisbelieved) return { ...told, next: askSoon(payment, now) };
  const isNews = move !== null || alert !== null || unmoved === 'refund_under_way';
  if (!isNews) return keep(payment, unmoved ?? 'same_status');
  const asked = askSoon(payment, now);
  // Somebody says that what was assumed is not over: its schedule begins again.
  return keep(isAssumedEnd(payment) ? { ...asked, inquiries: 0 } : asked, TO_BE_CONFIRMED);
}

/**
 * Asks now, or when the pause since the last question of this kind is over. Whoever has the address
 * could make us ask without end otherwise; a true callback among forged ones waits for the pause at
 * most, because one question answers all that came before it.
 */
function askSoon(payment: Payment, now: Date): Payment {
  if (payment.status === 'queued') return payment;
  // The question waits for the reply, see askAfterReply().
  if (payment.status === 'submitting')
    return payment.hintedAt === null ? { ...payment, hintedAt: now } : payment;
  const hintedAt = nextQuestionAt(payment, now);
  const { nextStepAt } = payment;
  // A question that has not been put yet answers this one too; the write makes sure that it has
  // not.
  if (nextStepAt !== null && nextStepAt <= hintedAt) return payment;
  return { ...askNow(payment, hintedAt), hintedAt, updatedAt: now };
}

function nextQuestionAt({ hintedAt }: Payment, now: Date): Date {
  if (hintedAt === null) return now;
  const ms = hintedAt > now ? hintedAt.getTime() : hintedAt.getTime() + HINTS_APART_MS;
  // Never later than the pause, whatever another process's clock has written.
  const latestMs = now.getTime() + HINTS_APART_MS;
  return new Date(Math.min(Math.max(ms, now.getTime()), latestMs));
}

/**
 * What came while the reply was still out has waited for it: a reply that is older than the
 * callback must not hide what the callback knew until the first question of the schedule.
 */
export function askAfterReply(before: Payment, decision: Decision, now: Date): Decision {
  const { next, move } = decision;
  const isOver = before.status === 'submitting' && move !== null && isHandedOver(next.status);
  if (!isOver || before.hintedAt === null) return decision;
  return { ...decision, next: { ...next, nextStepAt: now } };
}
