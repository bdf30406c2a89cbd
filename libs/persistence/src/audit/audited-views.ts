// The fields of a payment and a refund that the audit log stores: those that an action can change,
// and those it was based on. No customer, no card.
import { type Payment, type Refund, refundStatusToWire, statusToWire } from '@quittance/payments';

/** Returns the audited fields of a payment. */
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

/** Returns the audited fields of a refund. */
export function auditedRefund(refund: Refund) {
  return {
    status: refundStatusToWire(refund.status),
    version: refund.version,
    doubt_reason: refund.doubtReason,
    failure: refund.failure,
  };
}
