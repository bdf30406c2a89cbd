// The contract of the refund request. The OpenAPI document is generated from this schema.
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
