// The rules of a payment, pure: no clock, no network, no database.
export type { Alert, Decision, Move } from './decision.js';
export type { Decimal, Money, AmountProblem } from './money.js';
export type {
  CardRefusal,
  Evidence,
  GatewayReport,
  InquiryAnswer,
  Outcome,
  ReportField,
  Rival,
} from './evidence.js';
export type {
  CardSummary,
  Customer,
  MoveCause,
  Payment,
  PaymentFlag,
  PaymentMethod,
  PaymentRequest,
  PaymentState,
  TerminalMode,
} from './payment.js';
export type { PaymentIntentView } from './payment-intent.view.js';
export type { PaymentStatus } from './status.js';
export { absenceCounts, type AbsenceCase, type AskedOnce } from './absence.js';
export { isAssumedEnd, NEVER_ARRIVED, RESOLVED_BY_OPERATOR } from './assumed-end.js';
export type { RefundDecision, RefundedPayment, RefundMove } from './refund/refund-decision.js';
export type { RefundEvidence, RefundOutcome } from './refund/refund-evidence.js';
export type { PublicRefundStatus, RefundStatus } from './refund/refund-status.js';
export type { RefundView } from './refund/refund.view.js';
export type { Refund } from './refund/refund.js';
export { mismatch, rivalFor } from './belief.js';
export { currencyCodes, currencyExponent } from './currencies.js';
export { askNow, isAsked } from './asks.js';
export { decide } from './decide.js';
export { TO_BE_CONFIRMED } from './decide-on-callback.js';
export { ABANDONED_AFTER_MS } from './decide-on-request.js';
export { resolvableStatuses } from './decide-on-resolution.js';
export { formatAmount, isSameAmount, parseAmount } from './money.js';
export { meaningOfOrderStatus } from './order-status.js';
export { paymentMethods } from './payment.js';
export { paymentIntentView } from './payment-intent.view.js';
export { decideRefund } from './refund/decide-refund.js';
export {
  mayRefundMove,
  publicRefundStatuses,
  REFUND_STATUSES,
  refundStatuses,
  refundStatusFromWire,
  refundStatusToWire,
} from './refund/refund-status.js';
export { ALREADY_REQUESTED } from './refund/refund.js';
export { refundView } from './refund/refund.view.js';
export { inquiryDelayMs, retryDelayMs } from './schedules.js';
export {
  PAYMENT_STATUSES,
  hasBeenCharged,
  isAwaitingGateway,
  isEnded,
  isHandedOver,
  isSoftEnd,
  mayMove,
  paymentStatuses,
} from './status.js';
export { statusFromWire, statusToWire } from './status-wire.js';
