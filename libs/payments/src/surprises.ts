// What somebody should hear of when the gateway says something the record did not expect.
import { isAssumedEnd } from './assumed-end.js';
import type { Alert } from './decision.js';
import type { Payment, PaymentFlag } from './payment.js';
import type { PaymentStatus } from './status.js';
import { hasBeenCharged, isAwaitingGateway, isEnded, isSoftEnd } from './status.js';

/** A success after an end that was only soft, or after a failure, is the truth; somebody should hear of it. */
export function lateness(
  from: PaymentStatus,
  to: PaymentStatus,
): { flag: PaymentFlag | null; alert: Alert | null } {
  if (!hasBeenCharged(to)) return { flag: null, alert: null };
  if (isSoftEnd(from)) return { flag: 'late_success', alert: 'late_success' };
  if (isEnded(from) && !hasBeenCharged(from))
    return { flag: 'arrived_after_failure', alert: 'late_success' };
  return { flag: null, alert: null };
}

/** Old news (a 0 after a 1) is normal; a success after a decline, or the reverse, is not. */
export function contradiction(payment: Payment, reported: PaymentStatus): Alert | null {
  if (isAssumedEnd(payment) && isAwaitingGateway(reported)) return 'contradicts_final_status';
  if (!isEnded(payment.status) || !isEnded(reported)) return null;
  if (hasBeenCharged(payment.status) === hasBeenCharged(reported)) return null;
  return isSoftEnd(reported) ? null : 'contradicts_final_status';
}
