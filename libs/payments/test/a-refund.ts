// Refunds for tests, consistent with their status, each with a payment in the state that belongs to
// it.
import type { RefundedPayment } from '../src/refund/refund-decision.js';
import type { Refund, RefundStatus } from '../src/refund/refund.js';
import type { Payment } from '../src/payment.js';
import { aPayment, fromNow, NOW } from './a-payment.js';

/** The fields that a status implies. */
const CONSISTENT: Record<RefundStatus, Partial<Refund>> = {
  queued: { attempt: 0, version: 1, nextStepAt: NOW },
  submitting: { version: 2, nextStepAt: fromNow(45_000) },
  inDoubt: { doubtReason: 'no_reply', nextStepAt: NOW },
  accepted: {},
  succeeded: {},
  failed: { failure: { code: 'gateway_rejected', message: 'No' } },
};

/**
 * A frozen refund of 5.00 EUR of the payment that `aPayment` builds, an hour before its deadline,
 * with `changes` on top.
 */
export function aRefund(status: RefundStatus, changes: Partial<Refund> = {}): Refund {
  return Object.freeze({
    id: 're_01h455vb4pex5vsknk084sn02q',
    merchantId: 'mer_1',
    paymentId: 'pi_01h455vb4pex5vsknk084sn02q',
    reference: 'RF-1',
    amountMinor: 500n,
    currency: 'EUR',
    reason: null,
    status,
    version: 3,
    attempt: 1,
    inquiries: 0,
    asks: 0,
    failure: null,
    doubtReason: null,
    submitBefore: fromNow(3_600_000),
    nextStepAt: null,
    createdAt: fromNow(-60_000),
    updatedAt: fromNow(-60_000),
    ...CONSISTENT[status],
    ...changes,
  });
}

/** Returns the payment in the state that belongs to the refund's status. */
export function paymentOfRefund({ status, amountMinor }: Refund): Payment {
  switch (status) {
    case 'failed':
      return aPayment('succeeded');
    case 'accepted':
      return aPayment('refundPending', { refundReservedMinor: amountMinor });
    case 'succeeded':
      return aPayment('partiallyRefunded', {
        refundedMinor: amountMinor,
        refundReservedMinor: amountMinor,
      });
    case 'queued':
    case 'submitting':
    case 'inDoubt':
      return aPayment('succeeded', { refundReservedMinor: amountMinor });
  }
}

/** Returns a refund in `status` and its payment. */
export function aRefundedPayment(
  status: RefundStatus,
  changes: Partial<Refund> = {},
): RefundedPayment {
  const refund = aRefund(status, changes);
  return { refund, payment: paymentOfRefund(refund) };
}
