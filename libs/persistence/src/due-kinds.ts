// Which payments' steps come first, in SQL. Any number of payments that have ended may be due at
// once, because they are watched for half a year: no caller waits for one of them, and none of them
// may hold up a doubt, a payer or a retry.
import { isEnded, paymentStatuses, statusToWire } from '@quittance/payments';

const OPEN = paymentStatuses
  .filter((status) => !isEnded(status))
  .map((status) => `'${statusToWire(status)}'`)
  .join(', ');

/**
 * Has ended, and nobody has asked for the gateway's word: a step of the watch over it. Both
 * conditions have an index of their own (`payment_intents_due_first`,
 * `payment_intents_due_watched`), whose predicates are these.
 */
export const IS_WATCHED = `status NOT IN (${OPEN}) AND COALESCE(asks, 0) <= COALESCE(asks_answered, 0)`;

/** Every other one. */
export const COMES_FIRST = `(status IN (${OPEN}) OR COALESCE(asks, 0) > COALESCE(asks_answered, 0))`;
