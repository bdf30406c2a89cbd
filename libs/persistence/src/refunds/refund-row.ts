// Converts between a row of refunds and a Refund.
import {
  listed,
  publicRefundStatus,
  type Refund,
  refundDoubtReasons,
  refundFailureCodes,
  type RefundStatus,
  refundStatusFromWire,
  refundStatusToWire,
} from '@quittance/payments';
import { InvariantViolation } from '@quittance/platform';

/** A row as `pg` returns it: bigint as text, timestamps as Date. */
export interface RefundRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly reference: string;
  readonly amount_minor: string;
  readonly currency: string;
  readonly reason: string | null;
  readonly status: string;
  readonly version: number;
  readonly epoch: number;
  readonly inquiries: number;
  readonly asks: number | null;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly doubt_reason: string | null;
  readonly submit_before: Date;
  readonly next_step_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** Returns the refund of a row. */
export function refundOf(row: RefundRow): Refund {
  const status = statusOf(row.status);
  const { failure_code: code, failure_message: message } = row;
  return {
    id: row.id,
    merchantId: row.merchant_id,
    paymentId: row.payment_id,
    reference: row.reference,
    amountMinor: BigInt(row.amount_minor),
    currency: row.currency,
    reason: row.reason,
    status,
    version: row.version,
    attempt: row.epoch,
    inquiries: row.inquiries,
    asks: row.asks ?? 0,
    failure:
      code === null ? null : { code: listed(refundFailureCodes, code), message: message ?? '' },
    doubtReason: row.doubt_reason === null ? null : listed(refundDoubtReasons, row.doubt_reason),
    submitBefore: row.submit_before,
    nextStepAt: row.next_step_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Converts the status of a row to the one that callers see, e.g. `queued` to `pending`. */
export function publicStatusOf(text: string): string {
  return publicRefundStatus(statusOf(text));
}

function statusOf(text: string): RefundStatus {
  const status = refundStatusFromWire(text);
  if (!status) throw new InvariantViolation('unknown_status', 'a refund has an unknown status');
  return status;
}

/** Returns the columns that decideRefund() may change, for a row of JSON input. */
export function refundStateColumns(refund: Refund) {
  return {
    status: refundStatusToWire(refund.status),
    version: refund.version,
    epoch: refund.attempt,
    inquiries: refund.inquiries,
    failure_code: refund.failure?.code ?? null,
    failure_message: refund.failure?.message ?? null,
    doubt_reason: refund.doubtReason,
    next_step_at: refund.nextStepAt,
    updated_at: refund.updatedAt,
  };
}

/** Returns all columns of a new refund, for a row of JSON input. */
export function refundInsertColumns(refund: Refund) {
  return {
    ...refundStateColumns(refund),
    id: refund.id,
    asks: refund.asks,
    merchant_id: refund.merchantId,
    payment_id: refund.paymentId,
    reference: refund.reference,
    amount_minor: refund.amountMinor.toString(),
    currency: refund.currency,
    reason: refund.reason,
    submit_before: refund.submitBefore,
    created_at: refund.createdAt,
  };
}
