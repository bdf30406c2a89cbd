// The gateway's wire protocol. Pure: no clock, no socket, no environment.
export { decryptAes256, encryptAes256, GatewayCodecError, type Aes256Keys } from './aes256.js';
export { decodeCallback, type DecodedCallback } from './callback.js';
export { decodeCreateReply, type CreateReply } from './create-reply.js';
export {
  encodeCreate,
  paymentModes,
  type CreatePath,
  type CreateRequest,
  type PaymentMode,
  type WireCard,
  type WireCustomer,
  type WireTerminal,
} from './create-request.js';
export {
  billAmountFault,
  type BillAmountFault,
  decimalFromMinor,
  decimalText,
  equalDecimals,
  formatBillAmount,
  minorFromDecimal,
  parseDecimal,
  type Decimal,
  type MinorAmount,
} from './decimal.js';
export {
  errorNumbers,
  findErrorNumber,
  type ErrorNumber,
  type ErrorNumberFacts,
  type StoredFact,
} from './error-numbers.js';
export {
  isExactJsonObject,
  parseExact,
  type ExactJson,
  type ExactJsonObject,
} from './exact-json.js';
export { encodeProbe } from './existence-probe.js';
export type { HttpReply } from './http-reply.js';
export {
  findOrderStatus,
  orderStatuses,
  orderStatusName,
  type OrderStatus,
  type OrderStatusName,
} from './order-status.js';
export { decodeQueryString, encodeQueryString, type QueryStringSpelling } from './query-string.js';
export { decodeRefundReply, encodeRefund, type RefundReply, type RefundRequest } from './refund.js';
export {
  decodeStatusReply,
  statusPath,
  updatingStatusPath,
  type StatusReply,
} from './status-reply.js';
export { findTestCard, isTestCard, testCards, type TestCard } from './test-cards.js';
export type { GatewayTransaction, DecisiveField } from './transaction.js';
export type { Unreadable, UnreadableReason } from './wire-fields.js';
export { textOfBytes } from './wire-bytes.js';
export type { WireRequest } from './wire-request.js';
export { BadEscape, readDecryptedQuery } from './server/decrypted-query.js';
export { javaDoubleText, parseJavaDouble, roundHalfUpToCents } from './server/java-double.js';
export {
  MalformedBody,
  type Parameters,
  type ParameterSource,
  readParameters,
} from './server/parameters.js';
export {
  callbackOf,
  createReplyOf,
  encryptedCallbackOf,
  type PaymentFacts,
  type ReportedFields,
  type ReportedPayment,
  reportedPayment,
  statusReplyOf,
} from './server/reported-payment.js';
