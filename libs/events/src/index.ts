// Events about payments: their contract, the publisher, and what a subscriber installs to consume them.
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
export { EventPublisher, type EventPublisherOptions } from './event-publisher.js';
export { paymentEvent, type PaymentMoved } from './payment-moved.js';
