// The rules of a payment. Pure: no clock, no network, no database.
export { type Alert, ALERTS, type Decision, type Move } from './decision.js';
export {
  type AmountProblem,
  currencyCodes,
  currencyExponent,
  formatAmount,
  isSameAmount,
  type Money,
  parseAmount,
} from './money.js';
export type {
  Evidence,
  GatewayReport,
  InquiryAnswer,
  Outcome,
  ReportedState,
  Rival,
} from './evidence.js';
export {
  type CardSummary,
  type Customer,
  type Webhook,
  type WebhookEncryption,
  isAssumedEnd,
  type MoveCause,
  moveCauses,
  NEVER_ARRIVED,
  type Payment,
  type PaymentFlag,
  paymentFlags,
  type PaymentMethod,
  paymentMethods,
  type PaymentRequest,
  type PaymentState,
  RESOLVED_BY_OPERATOR,
  type TerminalMode,
} from './payment.js';
export {
  type CardRefusal,
  type DoubtReason,
  doubtReasons,
  type FailureCode,
  adviceFor,
  type FailureAdvice,
  failureAdvices,
  failureCodes,
  fullReason,
  listed,
  type Mismatch,
  type RefundDoubtReason,
  refundDoubtReasons,
  type RefundFailureCode,
  refundFailureCodes,
  type RefundRefusalCode,
  refundRefusalCodes,
  type RefusalCode,
  refusalCodes,
  type ReportField,
  type UnknownReason,
} from './reasons.js';
export { type PaymentIntentView, paymentIntentView } from './payment-intent.view.js';
export {
  hasBeenCharged,
  isAwaitingGateway,
  isEnded,
  isHandedOver,
  isSoftEnd,
  mayMove,
  PAYMENT_STATUSES,
  type PaymentStatus,
  paymentStatuses,
  statusFromWire,
  statusToWire,
} from './status.js';
export { absenceCounts, type AbsenceCase, type PastInquiry } from './absence.js';
export type {
  RefundDecision,
  RefundedPayment,
  RefundEvidence,
  RefundMove,
  RefundOutcome,
} from './refund/refund-decision.js';
export {
  ALREADY_REQUESTED,
  mayRefundMove,
  publicRefundStatus,
  type PublicRefundStatus,
  publicRefundStatuses,
  type Refund,
  REFUND_STATUSES,
  type RefundStatus,
  refundStatuses,
  refundStatusFromWire,
  refundStatusToWire,
} from './refund/refund.js';
export { type RefundView, refundView } from './refund/refund.view.js';
export { mismatch, rivalFor } from './report-match.js';
export { requestInquiry, isInquiryRequested } from './inquiry-requests.js';
export { decide } from './decide.js';
export { ORDER_IS_LOST_AFTER_MS, TO_BE_CONFIRMED } from './decide-on-callback.js';
export { ABANDONED_AFTER_MS, resolvableStatuses } from './decide-on-request.js';
export { meaningOfState } from './reported-state.js';
export { decideRefund } from './refund/decide-refund.js';
export { inquiryDelayMs, retryDelayMs } from './schedules.js';
export { FORWARD_WITHIN_MS, forwardDelayMs, forwardedStatuses, isForwarded } from './forwarding.js';
