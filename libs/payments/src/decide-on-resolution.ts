// What a person's word makes of a payment in doubt. Only an end may be given: who finds the payment still open at the gateway
// has nothing to resolve, because the gateway will be heard. Never back to `queued`: nobody can prove that nothing was sent.
import { RESOLVED_BY_OPERATOR } from './assumed-end.js';
import type { Decision } from './decision.js';
import { keep, move } from './decision.js';
import type { Payment } from './payment.js';
import type { PaymentStatus } from './status.js';

/**
 * What a person can have seen at the gateway or the bank that settles the doubt. `refundPending` and `disputed` are missing
 * because they wait for something that without a transID nobody could ask for; `refunded` because only a refund of ours
 * makes it.
 */
export const resolvableStatuses = [
  'succeeded',
  'declined',
  'blocked',
  'failed',
  'expired',
  'cancelled',
  'reversed',
  'chargedBack',
] as const satisfies readonly PaymentStatus[];

/** Whether an operator may end a doubt as `status`. */
export function isResolvable(status: PaymentStatus): boolean {
  return (resolvableStatuses as readonly PaymentStatus[]).includes(status);
}

/** `already_so`: a repeat. `not_in_doubt`, `not_an_end`: refused. */
export function decideOnResolution(payment: Payment, to: PaymentStatus, now: Date): Decision {
  if (!isResolvable(to)) return keep(payment, 'not_an_end');
  if (payment.status === to) return keep(payment, 'already_so');
  if (payment.status !== 'inDoubt') return keep(payment, 'not_in_doubt');
  return move(
    payment,
    { to, cause: 'operator', failure: failureOf(to), note: RESOLVED_BY_OPERATOR },
    now,
  );
}

function failureOf(status: PaymentStatus): Payment['failure'] {
  if (status !== 'declined' && status !== 'blocked' && status !== 'failed') return null;
  const message = 'A person with evidence ended the doubt; the gateway itself has not said so.';
  return { code: RESOLVED_BY_OPERATOR, message };
}
