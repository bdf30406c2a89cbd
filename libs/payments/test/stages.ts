// The definition of a regress (docs/payment-lifecycle.md): every status belongs to a stage, and a
// transition may not lead to a lower one. Derived from the predicates of the status table, so that
// a new status has its stage at once.
import type { PaymentStatus } from '../src/status.js';
import { hasBeenCharged, isAwaitingGateway, isHandedOver } from '../src/status.js';

/**
 * 0 not sent, 1 being sent, 2 unknown, 3 held by the gateway, 4 ended without a charge, 5 charged,
 * 6 money going back.
 */
export function stageOf(status: PaymentStatus): number {
  if (!isHandedOver(status)) return status === 'queued' ? 0 : 1;
  if (isAwaitingGateway(status)) return status === 'inDoubt' ? 2 : 3;
  if (!hasBeenCharged(status)) return 4;
  return status === 'succeeded' ? 5 : 6;
}

/**
 * The two allowed ways down: a request that provably never left is queued again, and a dispute that
 * is over leaves the charge.
 */
const WAYS_DOWN: readonly string[] = ['submitting → queued', 'disputed → succeeded'];

export function isRegress(from: PaymentStatus, to: PaymentStatus): boolean {
  return stageOf(to) < stageOf(from) && !WAYS_DOWN.includes(`${from} → ${to}`);
}
