// The public contract of events (CloudEvents 1.0 JSON) that the order domain receives, in the names
// of the wire. It is deliberately independent of the code that makes payments and refunds: a change
// there must not change the contract unnoticed.
import { z } from 'zod';
import {
  eventDoubtReasons,
  eventFailureAdvices,
  eventFailureCodes,
  eventFlags,
  eventRefundDoubtReasons,
  eventRefundFailureCodes,
} from './reasons.js';

/** Every status of a payment that an event can report. Consumers must expect more in the future. */
export const eventStatuses = [
  'queued',
  'submitting',
  'requires_action',
  'processing',
  'in_doubt',
  'succeeded',
  'declined',
  'blocked',
  'failed',
  'expired',
  'cancelled',
  'refund_pending',
  'refunded',
  'partially_refunded',
  'reversed',
  'charged_back',
  'disputed',
] as const;

export const eventStatusSchema = z.enum(eventStatuses);
export type EventStatus = z.infer<typeof eventStatusSchema>;

/** Every status of a refund that an event can report. Consumers must expect more in the future. */
export const eventRefundStatuses = [
  'pending',
  'submitting',
  'in_doubt',
  'succeeded',
  'failed',
] as const;

export const eventRefundStatusSchema = z.enum(eventRefundStatuses);
export type EventRefundStatus = z.infer<typeof eventRefundStatusSchema>;

/** The cause of a transition. */
export const eventCauses = [
  'request',
  'reply',
  'callback',
  'inquiry',
  'operator',
  'sweeper',
] as const;
export const eventCauseSchema = z.enum(eventCauses);
export type EventCause = z.infer<typeof eventCauseSchema>;

const decimal = z.string().regex(/^\d+(\.\d+)?$/);
const instant = z.iso.datetime();

/**
 * `payment_intent` of the public API. Amounts are decimal strings in major units; times are RFC
 * 3339 in UTC.
 */
export const eventPaymentIntentSchema = z.object({
  id: z.string(),
  object: z.literal('payment_intent'),
  reference: z.string(),
  /** The order that it tries to pay. Events from older publishers have none. */
  order_id: z.string().nullish(),
  terminal: z.string(),
  livemode: z.boolean(),
  amount: decimal,
  currency: z.string().length(3),
  refunded_amount: decimal,
  method: z.string(),
  status: eventStatusSchema,
  next_action: z.object({ type: z.literal('redirect'), url: z.string() }).nullable(),
  card: z.object({ brand: z.string(), first6: z.string(), last4: z.string() }).nullable(),
  gateway: z
    .object({
      /** Decimal digits, exact: up to 18 of them, more than a double holds. */
      trans_id: z.string(),
      order_status: z.string().nullable(),
      response: z.string().nullable(),
    })
    .nullable(),
  failure: z
    .object({
      code: z.enum(eventFailureCodes),
      message: z.string(),
      advice: z.enum(eventFailureAdvices).optional().meta({
        description:
          '`do_not_retry`: another try would end the same. `retry_later`: send a new reference later. `use_other_data`: ask for another card or method. Absent in old events.',
      }),
    })
    .nullable(),
  doubt_reason: z
    .enum(eventDoubtReasons)
    .nullable()
    .meta({ description: 'The reason of the doubt, while `in_doubt`.' }),
  flags: z.array(z.enum(eventFlags)),
  metadata: z.record(z.string(), z.string()),
  version: z.int().positive(),
  created_at: instant,
  updated_at: instant,
});
export type EventPaymentIntent = z.infer<typeof eventPaymentIntentSchema>;

/** `refund` of the public API, in the forms of {@link eventPaymentIntentSchema}. */
export const eventRefundSchema = z.object({
  id: z.string().meta({ examples: ['re_01m7y5rh4re6krxxrpp491c5wc'] }),
  object: z.literal('refund'),
  payment_intent: z.string().meta({ description: 'The id of the payment.' }),
  reference: z.string(),
  amount: decimal,
  currency: z.string().length(3),
  reason: z.string().nullable(),
  status: eventRefundStatusSchema.meta({
    description:
      '`pending`: waiting to be sent, or accepted by the gateway and not completed yet. `submitting`: being sent. ' +
      '`in_doubt`: it is unknown whether the gateway accepted it. `succeeded`: the money went back. ' +
      '`failed`: it did not happen, and its amount is available again.',
  }),
  failure: z.object({ code: z.enum(eventRefundFailureCodes), message: z.string() }).nullable(),
  doubt_reason: z
    .enum(eventRefundDoubtReasons)
    .nullable()
    .meta({ description: 'The reason of the doubt, while `in_doubt`.' }),
  version: z
    .int()
    .positive()
    .meta({ description: 'Counts its transitions: the `sequence` of its last event.' }),
  created_at: instant,
  updated_at: instant,
});
export type EventRefund = z.infer<typeof eventRefundSchema>;

/** The members of every event besides `subject` and `data`. */
const envelope = {
  specversion: z.literal('1.0'),
  id: z.string(),
  type: z.string(),
  source: z.literal('quittance'),
  time: instant,
  datacontenttype: z.literal('application/json'),
  /**
   * The trace of the payment, as CloudEvents' extension for distributed tracing writes it. Only on
   * events that a subscriber receives, and only if the payment has a trace.
   */
  traceparent: z.string().optional(),
};

const eventData = {
  /**
   * The merchant's id, within which references are unique. Events from older publishers have none.
   */
  merchant: z.string().optional(),
  sequence: z.int().positive(),
  payment_intent: eventPaymentIntentSchema,
  cause: eventCauseSchema,
};

/** One transition of one payment. `data.sequence` counts per payment from 1 without gaps. */
export const paymentEventSchema = z.object({
  ...envelope,
  subject: z.string().meta({ description: 'The id of the payment.' }),
  data: z.object({ ...eventData, previous_status: eventStatusSchema.nullable() }),
});
export type PaymentEvent = z.infer<typeof paymentEventSchema>;

/**
 * One transition of one refund. `data.sequence` counts per refund from 1 without gaps.
 * `data.payment_intent` is the payment as it was then; its `version` orders it among the payment's
 * own events.
 */
export const refundEventSchema = z.object({
  ...envelope,
  subject: z.string().meta({ description: 'The id of the refund.' }),
  data: z.object({
    ...eventData,
    refund: eventRefundSchema,
    previous_status: eventRefundStatusSchema.nullable(),
  }),
});
export type RefundEvent = z.infer<typeof refundEventSchema>;

/** Every event that a subscriber can receive. An event of a refund has `data.refund`. */
export const publishedEventSchema = z.union([refundEventSchema, paymentEventSchema]);
export type PublishedEvent = PaymentEvent | RefundEvent;

/** Returns `payment.<status>.v1`: the event's type, and the pattern of a handler. */
export function eventType(status: string): string {
  return `payment.${status}.v1`;
}

/** Returns `refund.<status>.v1`: the type of a refund's event, and the pattern of a handler. */
export function refundEventType(status: string): string {
  return `refund.${status}.v1`;
}

/**
 * Returns `evt_<subject's id without its prefix>_<sequence>`: one transition always has the same
 * id. `subject` is the id of the payment or refund.
 */
export function eventId(subject: string, sequence: number): string {
  return `evt_${subject.slice(subject.indexOf('_') + 1)}_${sequence}`;
}

/**
 * Returns the expression of a pattern of event types: a type, or a text in which `*` matches
 * anything, as in `payment.*`.
 */
export function patternToRegExp(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** Returns the name of a subscriber's durable queue. */
export function subscriberQueue(subscriber: string): string {
  return `events-${subscriber}`;
}
