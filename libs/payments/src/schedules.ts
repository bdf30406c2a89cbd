// The delays before the next attempt and the next inquiry. Delays are data; Postgres stores the
// instants that they give.
import { isAssumedEnd, type Payment } from './payment.js';
import type { PaymentStatus } from './status.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Doubling from half a second reaches the cap after seven attempts; a minute spares a gateway that
 * is down.
 */
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = MINUTE;

/**
 * Returns the pause before submission attempt `attempt + 1`, after `attempt` attempts that provably
 * sent nothing, in milliseconds: 0.25–0.5 s, 0.5–1 s, … up to 30–60 s. `random` in [0, 1) spreads
 * attempts that failed together over half of the pause.
 */
export function retryDelayMs(attempt: number, random: number): number {
  const full = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}

/**
 * Callbacks come once and not for every change, so inquiries are the main channel: fast while a
 * payer waits, then ever slower.
 */
const WAITING_FOR_PAYER = [10, 20, 30, 60, 120, 300, 600]
  .map((s) => s * SECOND)
  .concat(Array<number>(10).fill(HOUR), Array<number>(30).fill(DAY));
/**
 * A payment in doubt may be charged without its buyer knowing: the first inquiry follows after
 * seconds. Inquiries never end.
 */
const IN_DOUBT = [2, 5, 10, 20, 40, 60, 120, 300, 600, 1800]
  .map((s) => s * SECOND)
  .concat([HOUR, 2 * HOUR, 6 * HOUR, DAY]);
/** A soft end can be revoked while the payer's page is open, or when the acquirer is late. */
const SOFT_END = [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY];
/**
 * Completing a refund is a manual step at the gateway that sends no callback (protocol §8). A
 * merchant who looks at once should not have to wait for an hour, and most refunds take days.
 */
const REFUND = [5, 30, 120, 600]
  .map((s) => s * SECOND)
  .concat([HOUR, 6 * HOUR, DAY, 3 * DAY], Array<number>(25).fill(7 * DAY));
/**
 * Refunds and chargebacks send no callback (protocol §6.1); half a year covers the usual dispute
 * window.
 */
const SLOW_WATCH = [HOUR, 6 * HOUR, DAY, 3 * DAY].concat(Array<number>(25).fill(7 * DAY));

/**
 * Returns the delay before inquiry `inquiries + 1` in `status`, in milliseconds, or `null` when no
 * inquiry follows.
 */
export function inquiryDelayMs(status: PaymentStatus, inquiries: number): number | null {
  switch (status) {
    case 'requiresAction':
    case 'processing':
      return WAITING_FOR_PAYER[Math.min(inquiries, WAITING_FOR_PAYER.length - 1)] ?? null;
    case 'inDoubt':
      return IN_DOUBT[Math.min(inquiries, IN_DOUBT.length - 1)] ?? null;
    case 'expired':
    case 'cancelled':
      return SOFT_END[inquiries] ?? null;
    case 'refundPending':
      return REFUND[inquiries] ?? null;
    case 'succeeded':
    case 'disputed':
      return SLOW_WATCH[inquiries] ?? null;
    case 'queued':
    case 'submitting':
    case 'declined':
    case 'blocked':
    case 'failed':
    case 'refunded':
    case 'partiallyRefunded':
    case 'reversed':
    case 'chargedBack':
      return null;
  }
}

/**
 * Returns the delay before the payment's next inquiry, in milliseconds, or `null` when no inquiry
 * follows. An assumed end follows the schedule of a soft one.
 */
export function watchDelayMs(
  payment: Pick<Payment, 'status' | 'failure'>,
  inquiries: number,
): number | null {
  return inquiryDelayMs(isAssumedEnd(payment) ? 'expired' : payment.status, inquiries);
}
