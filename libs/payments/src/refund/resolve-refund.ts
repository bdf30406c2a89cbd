// A person has looked at the gateway's dashboard and says what became of a refund in doubt.
import { askNow } from '../asks.js';
import { keep } from '../decision.js';
import type { RefundDecision, RefundedPayment } from './refund-decision.js';
import { keepRefund, moveRefund } from './refund-decision.js';
import type { RefundEvidence } from './refund-evidence.js';

type Resolution = Extract<RefundEvidence, { cause: 'operator' }>;

/** Takes a refund out of doubt. The payment is asked about at once: its own status is the gateway's word and nobody else's. */
export function resolveRefund(
  { payment, refund }: RefundedPayment,
  { as, note }: Resolution,
  now: Date,
): RefundDecision {
  if (refund.status !== 'inDoubt') return keepRefund(refund, 'not_in_doubt');
  const message = 'A person found at the gateway that this refund did not happen.';
  const failure = as === 'failed' ? { code: 'resolved_by_operator', message } : null;
  return {
    ...moveRefund(refund, { to: as, cause: 'operator', failure, note }, now),
    payment: keep(askNow(payment, now), 'refund_resolved'),
  };
}
