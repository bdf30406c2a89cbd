// A line of the response to a batch. apps/api/src/batches creates it; this is its description for
// callers, and a test compares the two.
import { eventPaymentIntentSchema } from '@quittance/events';
import { z } from 'zod';
import { problemSchema } from './problem.schema.js';

export const batchOutcomeSchema = z
  .object({
    line: z.int().optional().meta({
      description:
        'The number of the line in the batch. The last outcome has none when the call ended before its body did.',
    }),
    status: z.int().meta({ description: 'As for a single payment.', examples: [202] }),
    idempotent_replayed: z
      .literal(true)
      .optional()
      .meta({ description: 'With status 200: the reference had a payment with the same content.' }),
    payment_intent: eventPaymentIntentSchema.optional(),
    problem: problemSchema.optional(),
  })
  .meta({ description: 'One line of the response: a payment, or a problem.' });
