// The form of a payment's whole story in the API. libs/operations creates the facts; a test
// compares the two.
import { eventPaymentIntentSchema } from '@quittance/events';
import { z } from 'zod';

const instant = z.iso.datetime();
const text = z.string();

const transitionSchema = z.object({
  sequence: z.int().positive(),
  at: instant,
  from: text.nullable(),
  to: text,
  cause: text,
  attempt: z.int().nullable(),
  gateway_code: text.nullable(),
  note: text.nullable(),
});

const attemptSchema = z.object({
  number: z.int().positive(),
  opened_at: instant,
  outcome: text.nullable().meta({ description: 'Null while it is open.' }),
  duration_ms: z.int().nullable(),
  http_status: z.int().nullable(),
  error_number: text.nullable().optional(),
  reason: text.nullable(),
});

const nextStepSchema = z.object({
  at: instant.nullable(),
  description: text.meta({ description: 'The next step and its reason, for a person.' }),
});

const refundStorySchema = z.object({
  id: text,
  reference: text,
  amount: text,
  currency: text,
  status: text,
  failure: z.object({ code: text, message: text.nullable() }).nullable(),
  doubt_reason: text.nullable(),
  version: z.int().positive(),
  transitions: z.array(transitionSchema),
  attempts: z.array(attemptSchema),
  next_step: nextStepSchema,
});

const deliveriesSchema = z
  .array(
    z.object({
      entry: text.meta({ description: 'Names the failed entry in a replay.' }),
      subscriber: text,
      failed_at: instant,
      attempts: z.int(),
      reason: text,
      events: z.array(text),
    }),
  )
  .nullable()
  .meta({ description: 'Null while Redis is unavailable.' });

export const storySchema = z
  .object({
    merchant: text,
    payment_intent: eventPaymentIntentSchema,
    terminal: z.object({
      name: text,
      lane: text,
      mode: text,
      protocol: text,
      callbacks: text,
      inquiry: text,
      paused_reason: text.nullable(),
    }),
    transitions: z.array(
      transitionSchema.extend({
        event: text.meta({ description: 'The id of its event.' }),
        is_published: z.boolean().meta({ description: 'False until the event is in Redis.' }),
      }),
    ),
    attempts: z.array(attemptSchema),
    callbacks: z.array(
      z.object({
        received_at: instant,
        is_encrypted: z.boolean(),
        verdict: text,
        reason: text.nullable(),
      }),
    ),
    inquiries: z.array(
      z.object({ asked_at: instant, strategy: text, answer: text, detail: text.nullable() }),
    ),
    operator_actions: z.array(
      z.object({
        at: instant,
        sequence: z.int().nullable(),
        operator: text,
        proposed_by: text.nullable(),
        action: text,
        why: text.nullable(),
      }),
    ),
    refunds: z.array(refundStorySchema),
    other_payments: z
      .array(
        z.object({
          merchant: text,
          reference: text,
          status: text,
          trans_id: text.nullable(),
          why: text,
        }),
      )
      .meta({ description: 'Payments that have, or may have, the same transaction.' }),
    doubt: z.object({ reason: text.nullable(), meaning: text }).nullable(),
    failed_deliveries: deliveriesSchema,
    next_step: nextStepSchema,
    personal_data_erased_at: instant.nullable(),
    history_ended_at: instant.nullable(),
  })
  .meta({ description: 'Everything that is known about a payment, and what comes next.' });
export type StoryView = z.infer<typeof storySchema>;

export const foundPaymentSchema = z.object({
  id: text,
  reference: text,
  merchant: text,
  terminal: text,
  amount: text,
  currency: text,
  method: text,
  status: text,
  last4: text.nullable(),
  created_at: instant,
  matched: text.meta({ description: 'The member that has the text, such as `reference`.' }),
});

export const searchResultSchema = z
  .object({
    form: z.enum(['payment', 'refund', 'event', 'reference', 'transaction', 'last_four']),
    data: z.array(foundPaymentSchema),
  })
  .meta({ description: 'The payments that were found, newest first, 25 at most.' });
export type SearchResult = z.infer<typeof searchResultSchema>;
