// The public JSON of a refund. Only this file converts its names to snake_case.
import { formatAmount } from '../money.js';
import type { RefundDoubtReason, RefundFailureCode } from '../reasons.js';
import { type PublicRefundStatus, publicRefundStatus, type Refund } from './refund.js';

/**
 * `refund` of the public contract. The amount is a decimal string in major units; times are RFC
 * 3339 in UTC.
 */
export interface RefundView {
  readonly id: string;
  readonly object: 'refund';
  readonly payment_intent: string;
  readonly reference: string;
  readonly amount: string;
  readonly currency: string;
  readonly reason: string | null;
  readonly status: PublicRefundStatus;
  readonly failure: { readonly code: RefundFailureCode; readonly message: string } | null;
  readonly doubt_reason: RefundDoubtReason | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export function refundView(refund: Refund): RefundView {
  const { amountMinor: minor, currency } = refund;
  return {
    id: refund.id,
    object: 'refund',
    payment_intent: refund.paymentId,
    reference: refund.reference,
    amount: formatAmount({ minor, currency }),
    currency,
    reason: refund.reason,
    status: publicRefundStatus(refund.status),
    failure: refund.failure,
    doubt_reason: refund.doubtReason,
    version: refund.version,
    created_at: refund.createdAt.toISOString(),
    updated_at: refund.updatedAt.toISOString(),
  };
}
