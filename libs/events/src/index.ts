// Events about payments and refunds: their contract, the publisher, and what a subscriber installs
// to consume them.
export { connectPaymentEvents, EventTransport } from './event-transport.js';
export type { EventTransportOptions } from './event-transport-options.js';
export {
  eventDoubtReasons,
  eventFailureAdvices,
  eventFailureCodes,
  eventFlags,
  eventRefundDoubtReasons,
  eventRefundFailureCodes,
} from './reasons.js';
export {
  eventCauses,
  eventCauseSchema,
  eventId,
  eventPaymentIntentSchema,
  eventRefundSchema,
  eventRefundStatuses,
  eventRefundStatusSchema,
  type EventCause,
  type EventPaymentIntent,
  type EventRefund,
  type EventRefundStatus,
  type EventStatus,
  eventStatuses,
  eventStatusSchema,
  eventType,
  patternToRegExp,
  type PaymentEvent,
  paymentEventSchema,
  type PublishedEvent,
  publishedEventSchema,
  type RefundEvent,
  refundEventSchema,
  refundEventType,
  subscriberQueue,
} from './contract.js';
export {
  type BatchWrite,
  type EventConnection,
  type EventDatabase,
  EventDelivery,
  type EventTransaction,
} from './event-inbox.js';
export { subscriberKeys } from './subscriber-keys.js';
export {
  eventOf,
  EventPublisher,
  type EventPublisherOptions,
  type Moved,
} from './event-publisher.js';
export {
  type FailedEvents,
  type FailedSet,
  failedSets,
  listFailed,
  replayFailed,
  type ReplayOptions,
} from './failed-events.js';
