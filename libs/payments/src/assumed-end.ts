// Ends that the gateway itself did not speak: a person's word, and an absence that counted as an answer. The gateway's own
// word outranks both, so that what was assumed wrongly is put right as soon as the truth is heard.
import type { Payment } from './payment.js';
import { inquiryDelayMs } from './schedules.js';

/** `failure.code` of an end that a person gave. */
export const RESOLVED_BY_OPERATOR = 'resolved_by_operator';
/** `failure.code` of a payment that the gateway kept saying it never got. */
export const NEVER_ARRIVED = 'never_arrived';

/**
 * Whether `declined`, `blocked` or `failed` rests on something else than the gateway's word. Assumed `expired` and
 * `cancelled` need no telling apart: they are soft whoever said them.
 */
export function isAssumedEnd({ failure }: Pick<Payment, 'failure'>): boolean {
  return failure?.code === RESOLVED_BY_OPERATOR || failure?.code === NEVER_ARRIVED;
}

/** Delay before the next inquiry, or `null` when asking is over. An assumed end is watched as a soft one is. */
export function watchDelayMs(
  payment: Pick<Payment, 'status' | 'failure'>,
  inquiries: number,
): number | null {
  return inquiryDelayMs(isAssumedEnd(payment) ? 'expired' : payment.status, inquiries);
}
