// The closed lists of the contract: why a payment or refund failed, why its outcome is unknown, and
// what was observed about it. Written by hand, because they are the contract; a test compares them
// with those of libs/payments. Consumers must expect more in the future.

/** Every `failure.code` of a payment. */
export const eventFailureCodes = [
  'declined',
  'blocked',
  'gateway_failed',
  'gateway_1111',
  'gateway_1112',
  'gateway_1113',
  'gateway_5001',
  'gateway_5002',
  'gateway_5003',
  'gateway_5005',
  'gateway_5007',
  'gateway_5008',
  'gateway_5015',
  'gateway_terminal_not_found',
  'gateway_connector_not_found',
  'gateway_unreachable',
  'never_sent',
  'never_arrived',
  'card_unreadable',
  'card_invalid',
  'resolved_by_operator',
  'test_outcome_on_live_terminal',
  'unspecified',
] as const;

/** Every advice after a failure of a payment. */
export const eventFailureAdvices = ['do_not_retry', 'retry_later', 'use_other_data'] as const;

/** Every `failure.code` of a refund. */
export const eventRefundFailureCodes = [
  'gateway_not_approved',
  'gateway_transaction_not_found',
  'gateway_rejected',
  'gateway_unreachable',
  'payment_not_refundable',
  'transaction_shared',
  'resolved_by_operator',
  'unspecified',
] as const;

const reportDoubts = [
  'other_transaction',
  'transaction_of_another_payment',
  'other_reference',
  'other_terminal',
  'other_card',
  'amount_mismatch',
  'currency_mismatch',
  'unreadable_reference',
  'unreadable_amount',
  'unreadable_currency',
  'unreadable_terminal',
  'unreadable_card',
  'unreadable_authurl',
  'reference_of_several_payments',
  'incomplete_report',
] as const;

const replyDoubts = [
  'no_reply',
  'unreadable_reply',
  'gateway_error',
  'gateway_server_error',
  'unlisted_error',
  'connector_not_found_after_save',
  'worker_died',
] as const;

/** Every `doubt_reason` of a payment. */
export const eventDoubtReasons = [
  ...replyDoubts,
  'reference_already_known',
  'unknown_order_status',
  ...reportDoubts,
  'unspecified',
] as const;

/** Every `doubt_reason` of a refund. */
export const eventRefundDoubtReasons = [
  ...replyDoubts,
  'already_requested',
  ...reportDoubts,
  'unspecified',
] as const;

/** Every entry of a payment's `flags`. */
export const eventFlags = [
  'late_success',
  'test_outcome_on_live_terminal',
  'arrived_after_failure',
] as const;
