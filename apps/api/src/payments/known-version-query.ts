// The query string of `GET /v1/payment-intents/:id` and `GET /v1/refunds/:id`.
import { z } from 'zod';

export const knownVersionQuery = z.strictObject({
  version: z
    .string()
    .regex(/^\d{1,9}$/, 'Must be a whole number.')
    .transform(Number)
    .optional()
    .meta({
      type: 'integer',
      description: 'With `Prefer: wait`: the version you know. The response waits for a newer one.',
    }),
});
