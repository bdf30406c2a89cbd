// Events about payments: their contract, the publisher, and what a subscriber installs to consume
// them.
export {
  connectPaymentEvents,
  EventTransport,
  type EventTransportOptions,
} from './event-transport.js';
export {
  eventCauses,
  eventCauseSchema,
  eventPaymentIntentSchema,
  type EventCause,
  type EventPaymentIntent,
  type EventStatus,
  eventStatuses,
  eventStatusSchema,
  eventType,
  type PaymentEvent,
  paymentEventId,
  paymentEventSchema,
  subscriberQueue,
} from './contract.js';
export {
  type BatchWrite,
  type EventConnection,
  type EventDatabase,
  EventDelivery,
  type EventTransaction,
} from './event-inbox.js';
export {
  EventPublisher,
  type EventPublisherOptions,
  paymentEvent,
  type PaymentMoved,
} from './event-publisher.js';
export {
  countFailed,
  type FailedEvents,
  type FailedSet,
  listFailed,
  replayFailed,
  type ReplayOptions,
} from './failed-events.js';
