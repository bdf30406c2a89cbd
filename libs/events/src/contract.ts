// The public contract of events (CloudEvents 1.0 JSON) that the order domain receives, in the names
// of the wire. It is deliberately independent of the code that makes payments: a change there must
// not change the contract unnoticed.
import { z } from 'zod';

/** Every status that an event can report. Consumers must expect more in the future. */
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
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  /**
   * The reason of the doubt, as a stable identifier: docs/payment-lifecycle.md. More may be added.
   */
  doubt_reason: z.string().nullable(),
  flags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  version: z.int().positive(),
  created_at: instant,
  updated_at: instant,
});
export type EventPaymentIntent = z.infer<typeof eventPaymentIntentSchema>;

/** One transition of one payment. `data.sequence` counts per payment from 1 without gaps. */
export const paymentEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  type: z.string(),
  source: z.literal('quittance'),
  /** The payment's id. */
  subject: z.string(),
  time: instant,
  datacontenttype: z.literal('application/json'),
  data: z.object({
    /**
     * The merchant's id, within which the payment's reference is unique. Events from older
     * publishers have none.
     */
    merchant: z.string().optional(),
    sequence: z.int().positive(),
    payment_intent: eventPaymentIntentSchema,
    previous_status: eventStatusSchema.nullable(),
    cause: eventCauseSchema,
  }),
});
export type PaymentEvent = z.infer<typeof paymentEventSchema>;

/** Returns `payment.<status>.v1`: the event's type, and the pattern of a handler. */
export function eventType(status: string): string {
  return `payment.${status}.v1`;
}

/** Returns `evt_<payment id without pi_>_<sequence>`: one transition always has the same id. */
export function paymentEventId(paymentId: string, sequence: number): string {
  return `evt_${paymentId.slice(paymentId.indexOf('_') + 1)}_${sequence}`;
}

/** Returns the name of a subscriber's durable queue. */
export function subscriberQueue(subscriber: string): string {
  return `events-${subscriber}`;
}
