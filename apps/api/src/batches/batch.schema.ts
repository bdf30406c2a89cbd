// A batch, and the line of a key that signs, as callers see them.
import type { PaymentBatch } from '@quittance/persistence';
import { z } from 'zod';

/** A line of a key that signs. */
export const signedLineSchema = z.strictObject({
  jws: z.string().meta({
    description:
      'A compact JWS (RFC 7515) of a `CreatePaymentIntent`: `alg` `EdDSA`, `kid` the id of the API key, `typ` `payment-intent+jws`.',
  }),
});

export const batchSchema = z
  .object({
    id: z.string().meta({ description: 'The `Batch-Id`.', examples: ['subscriptions-2026-12'] }),
    object: z.literal('batch'),
    settled: z.int().meta({
      description: 'Every line up to this number is settled. Continue with `First-Line`: one more.',
    }),
    accepted: z.int().meta({ description: 'Lines that made a payment.' }),
    replayed: z
      .int()
      .meta({ description: 'Lines whose reference had a payment with the same content.' }),
    refused: z.int().meta({ description: 'Lines that were answered with a problem.' }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ description: 'The progress of a batch.' });

/** The public JSON of a batch. */
export type BatchView = z.infer<typeof batchSchema>;

/** Returns the public JSON of a batch. */
export function batchView({ createdAt, updatedAt, ...batch }: PaymentBatch): BatchView {
  const times = { created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() };
  return { id: batch.id, object: 'batch', ...countsOf(batch), ...times };
}

function countsOf({
  settled,
  accepted,
  replayed,
  refused,
}: Omit<PaymentBatch, 'createdAt' | 'updatedAt'>) {
  return { settled, accepted, replayed, refused };
}
