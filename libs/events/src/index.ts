// Events about payments: their contract, the publisher, and what a subscriber installs to consume them.
export { connectPaymentEvents } from './connect-payment-events.js';
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
export { type BatchWrite, EventDelivery } from './event-delivery.js';
export { EventPublisher, type EventPublisherOptions } from './event-publisher.js';
export { EventTransport } from './event-transport.js';
export type { EventConnection, EventDatabase, EventTransaction } from './order-database.js';
export { type FailedEvents, type FailedSet, listFailed } from './failed-events.js';
export { paymentEvent, type PaymentMoved } from './payment-moved.js';
export { countFailed, replayFailed, type ReplayOptions } from './replay-failed.js';
export type { EventTransportOptions } from './transport-options.js';
