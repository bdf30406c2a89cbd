// The closed lists of reasons that callers can read: why a payment or refund failed, and why its
// outcome is unknown. The types prove that every reason in the code is listed. The lists contain no
// code of a library or of the network: these are stored with the attempt, for operators.

/**
 * The reason why a card that the caller encrypted cannot be sent: it does not decrypt, or its
 * content is not a valid card.
 */
export type CardRefusal = 'card_unreadable' | 'card_invalid';

/** The fields of a report that decide if it is about a payment, or that change the payment. */
export type ReportField = 'reference' | 'amount' | 'currency' | 'terminal' | 'card' | 'authurl';

/**
 * The refusals of a create request that prove that the gateway stored nothing: its error numbers,
 * and two that it answers without a number (protocol §1.3, §3.2).
 */
export const refusalCodes = [
  '1111',
  '1112',
  '1113',
  '5001',
  '5002',
  '5003',
  '5005',
  '5007',
  '5008',
  '5015',
  'terminal_not_found',
  'connector_not_found',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** The gateway's refusals of a refund (protocol §8). */
export const refundRefusalCodes = ['not_approved', 'transaction_not_found', 'rejected'] as const;
export type RefundRefusalCode = (typeof refundRefusalCodes)[number];

/** Every `failure.code` of a payment. */
export type FailureCode =
  | 'declined'
  | 'blocked'
  | 'gateway_failed'
  | `gateway_${RefusalCode}`
  | 'gateway_unreachable'
  | 'never_sent'
  | 'never_arrived'
  | 'resolved_by_operator'
  | 'test_outcome_on_live_terminal'
  | CardRefusal
  | Unspecified;

/** Every `failure.code` of a refund. */
export type RefundFailureCode =
  | `gateway_${RefundRefusalCode}`
  | 'gateway_unreachable'
  | 'payment_not_refundable'
  | 'transaction_shared'
  | 'resolved_by_operator'
  | Unspecified;

/** The reasons why the outcome of a request is unknown. */
export type UnknownReason =
  | 'no_reply'
  | 'unreadable_reply'
  | 'gateway_error'
  | 'gateway_server_error'
  | 'unlisted_error'
  | 'connector_not_found_after_save';

/** A difference between a report and the payment it should be about, the most significant first. */
export type Mismatch =
  | 'other_transaction'
  | 'transaction_of_another_payment'
  | 'other_reference'
  | 'other_terminal'
  | 'other_card'
  | 'amount_mismatch'
  | 'currency_mismatch'
  | `unreadable_${ReportField}`
  | 'reference_of_several_payments'
  | 'incomplete_report';

/** Every `doubt_reason` of a payment. */
export type DoubtReason =
  | UnknownReason
  | Mismatch
  | 'worker_died'
  | 'reference_already_known'
  | 'unknown_order_status'
  | Unspecified;

/** Every `doubt_reason` of a refund. */
export type RefundDoubtReason =
  UnknownReason | Mismatch | 'worker_died' | 'already_requested' | Unspecified;

/**
 * Stands for a stored reason that is in no list: one that an older version, or a person, has
 * written.
 */
export type Unspecified = 'unspecified';

/** The values of a union, once each: the compiler requires every one. */
function valuesOf<T extends string>(all: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(all) as T[];
}

const UNKNOWN = {
  no_reply: true,
  unreadable_reply: true,
  gateway_error: true,
  gateway_server_error: true,
  unlisted_error: true,
  connector_not_found_after_save: true,
} as const satisfies Record<UnknownReason, true>;

const MISMATCHES = {
  other_transaction: true,
  transaction_of_another_payment: true,
  other_reference: true,
  other_terminal: true,
  other_card: true,
  amount_mismatch: true,
  currency_mismatch: true,
  unreadable_reference: true,
  unreadable_amount: true,
  unreadable_currency: true,
  unreadable_terminal: true,
  unreadable_card: true,
  unreadable_authurl: true,
  reference_of_several_payments: true,
  incomplete_report: true,
} as const satisfies Record<Mismatch, true>;

export const doubtReasons = valuesOf<DoubtReason>({
  ...UNKNOWN,
  worker_died: true,
  reference_already_known: true,
  unknown_order_status: true,
  ...MISMATCHES,
  unspecified: true,
});

export const refundDoubtReasons = valuesOf<RefundDoubtReason>({
  ...UNKNOWN,
  worker_died: true,
  already_requested: true,
  ...MISMATCHES,
  unspecified: true,
});

/**
 * The caller's next step after a failure. `do_not_retry`: another try would end the same, or is not
 * known to be safe. `retry_later`: the data is right, send a new reference later. `use_other_data`:
 * ask the payer for another card or method.
 */
export const failureAdvices = ['do_not_retry', 'retry_later', 'use_other_data'] as const;
export type FailureAdvice = (typeof failureAdvices)[number];

/** The advice for each failure of a payment. For a decline the gateway gives a text alone. */
const ADVICE: Readonly<Record<FailureCode, FailureAdvice>> = {
  declined: 'use_other_data',
  blocked: 'do_not_retry',
  gateway_failed: 'retry_later',
  gateway_1111: 'do_not_retry',
  gateway_1112: 'do_not_retry',
  gateway_1113: 'use_other_data',
  gateway_5001: 'retry_later',
  gateway_5002: 'retry_later',
  gateway_5003: 'retry_later',
  gateway_5005: 'retry_later',
  gateway_5007: 'do_not_retry',
  gateway_5008: 'do_not_retry',
  gateway_5015: 'retry_later',
  gateway_terminal_not_found: 'retry_later',
  gateway_connector_not_found: 'retry_later',
  gateway_unreachable: 'retry_later',
  never_sent: 'retry_later',
  never_arrived: 'retry_later',
  card_unreadable: 'use_other_data',
  card_invalid: 'use_other_data',
  resolved_by_operator: 'do_not_retry',
  test_outcome_on_live_terminal: 'do_not_retry',
  unspecified: 'do_not_retry',
};

/** Every `failure.code` of a payment. */
export const failureCodes = Object.keys(ADVICE) as readonly FailureCode[];

/** Returns the advice for a failure: `failure.advice`. */
export function adviceFor(code: FailureCode): FailureAdvice {
  return ADVICE[code];
}

export const refundFailureCodes = valuesOf<RefundFailureCode>({
  gateway_not_approved: true,
  gateway_transaction_not_found: true,
  gateway_rejected: true,
  gateway_unreachable: true,
  payment_not_refundable: true,
  transaction_shared: true,
  resolved_by_operator: true,
  unspecified: true,
});

/**
 * Returns the listed value that a stored text stands for: itself, the value that it begins with, as
 * in `no_reply_econnreset` of an older version, or `unspecified`.
 */
export function listed<T extends string>(values: readonly (T | Unspecified)[], stored: string) {
  const found = values.find((value) => value === stored);
  return found ?? values.find((value) => stored.startsWith(`${value}_`)) ?? 'unspecified';
}

/**
 * Returns the reason of an attempt's outcome with its detail, as it is stored with the attempt for
 * operators: `no_reply_econnreset`.
 */
export function fullReason({
  reason,
  detail,
}: {
  readonly reason: string;
  readonly detail?: string;
}): string {
  return detail === undefined ? reason : `${reason}_${detail}`;
}
