// The contract of the refund request. The OpenAPI document is generated from this schema.
import { publicRefundStatuses } from '@quittance/payments';
import { z } from 'zod';
import { createPaymentSchema, line } from '../payments/create-payment.schema.js';
import { optional } from '../requests/optional-member.js';

export const createRefundSchema = z.strictObject({
  reference: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'Must be 1 to 64 of A-Z a-z 0-9 . _ -.')
    .meta({
      description: 'Your unique id of the refund, and its idempotency key.',
      examples: ['RF-1'],
    }),
  amount: optional(createPaymentSchema.shape.amount).meta({
    description: 'In major units of the payment’s currency. Default: the remainder of the payment.',
    examples: ['5.00'],
  }),
  reason: optional(line(200)).meta({
    description: 'The reason, for people; it is sent to the gateway.',
    examples: ['Damaged in transit'],
  }),
});

/** A request whose fields are each valid by themselves. */
export type CreateRefund = z.infer<typeof createRefundSchema>;

const instant = z.iso.datetime();

export const refundSchema = z.object({
  id: z.string().meta({ examples: ['re_01m7y5rh4re6krxxrpp491c5wc'] }),
  object: z.literal('refund'),
  payment_intent: z.string(),
  reference: z.string(),
  amount: z.string(),
  currency: z.string(),
  reason: z.string().nullable(),
  status: z.enum(publicRefundStatuses).meta({
    description:
      '`pending`: waiting to be sent, or accepted by the gateway and not completed yet. `submitting`: being sent. ' +
      '`in_doubt`: it is unknown whether the gateway accepted it. `succeeded`: the money went back. ' +
      '`failed`: it did not happen, and its amount is available again.',
  }),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  doubt_reason: z
    .string()
    .nullable()
    .meta({ description: 'The reason of the doubt, while `in_doubt`.' }),
  version: z.int().positive().meta({ description: 'Counts its transitions.' }),
  created_at: instant,
  updated_at: instant,
});
