// The transitions that a merchant's webhook is called for, and the pauses between attempts.
import type { Payment } from './payment.js';
import type { PaymentStatus } from './status.js';

/**
 * The ends that the gateway's own callbacks report (protocol §6.1). It sends none for refunds and
 * chargebacks.
 */
export const forwardedStatuses = [
  'succeeded',
  'declined',
  'blocked',
  'failed',
  'expired',
  'cancelled',
] as const satisfies readonly PaymentStatus[];

/**
 * True when a payment that has just got its status is reported to its webhook. A callback names the
 * gateway's transaction, so there is none without one.
 */
export function isForwarded({ status, transId, webhook }: Payment): boolean {
  const statuses: readonly PaymentStatus[] = forwardedStatuses;
  return webhook !== undefined && transId !== null && statuses.includes(status);
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** A receiver that restarts is back within seconds; one that is down for a night costs little. */
const FIRST_PAUSE_MS = 5 * SECOND;
const PAUSE_CAP_MS = HOUR;

/** A callback that could not be delivered for this long is given up; the event remains. */
export const FORWARD_WITHIN_MS = 24 * HOUR;

/**
 * Returns the pause after `failures` failed attempts, in milliseconds: 2.5–5 s, 5–10 s, … up to
 * 30–60 min. `random` in [0, 1) spreads attempts that failed together.
 */
export function forwardDelayMs(failures: number, random: number): number {
  const full = Math.min(PAUSE_CAP_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(full / 2 + (full / 2) * random);
}
