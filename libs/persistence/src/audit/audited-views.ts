// What the audit keeps of a payment and a refund: what an action can change, and what it was judged
// by. No customer, no card.
import { type Payment, type Refund, refundStatusToWire, statusToWire } from '@quittance/payments';

/** Of a payment. */
export function auditedPayment(payment: Payment) {
  return {
    status: statusToWire(payment.status),
    version: payment.version,
    trans_id: payment.transId,
    order_status: payment.orderStatus,
    doubt_reason: payment.doubtReason,
    failure: payment.failure,
    flags: payment.flags,
  };
}

/** Of a refund. */
export function auditedRefund(refund: Refund) {
  return {
    status: refundStatusToWire(refund.status),
    version: refund.version,
    doubt_reason: refund.doubtReason,
    failure: refund.failure,
  };
}
