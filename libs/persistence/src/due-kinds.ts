// The precedence of due steps, in SQL. Any number of payments in a final status may be due at once,
// because they are watched for half a year. No caller waits for them, and they must not delay a
// doubt, a payer or a retry.
import { isEnded, paymentStatuses, statusToWire } from '@quittance/payments';

const OPEN = paymentStatuses
  .filter((status) => !isEnded(status))
  .map((status) => `'${statusToWire(status)}'`)
  .join(', ');

/**
 * A step of the watch over a payment in a final status, without a request for an inquiry now. Both
 * conditions have an index of their own (`payment_intents_due_first`,
 * `payment_intents_due_watched`), whose predicates are these.
 */
export const IS_WATCHED = `status NOT IN (${OPEN}) AND COALESCE(asks, 0) <= COALESCE(asks_answered, 0)`;

/** Every other step. */
export const COMES_FIRST = `(status IN (${OPEN}) OR COALESCE(asks, 0) > COALESCE(asks_answered, 0))`;
