// What `Prefer: wait` on a new payment waits for.
import type { Payment } from '@quittance/payments';

/** Whether the submission is over, one way or the other: an answer came, none came in time, or it was cancelled. */
export function hasGatewayAnswered({ status }: Payment): boolean {
  return status !== 'queued' && status !== 'submitting';
}
