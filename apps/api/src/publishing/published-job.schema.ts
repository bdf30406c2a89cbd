// The contract of the job `payment.create.v1` as schemas, for the OpenAPI document. The payload is
// validated by the intake, as a request's body is; a test compares the two.
import { eventPaymentIntentSchema } from '@quittance/events';
import { z } from 'zod';
import { createPaymentSchema } from '../payments/create-payment.schema.js';

/** The payload of the JWS: the body of a create request without a card in clear. */
export const publishedPaymentIntentSchema = createPaymentSchema.omit({ card: true }).meta({
  description: 'The signed payload of the job `payment.create.v1`.',
});

export const publishedJobSchema = z
  .strictObject({
    jws: z.string().meta({
      description: [
        'A compact JWS (RFC 7515) of a `PublishedPaymentIntent` with the protected header',
        '`{"alg":"EdDSA","kid":"<id of the API key>","typ":"payment-intent+jws"}` and no other member.',
      ].join(' '),
    }),
  })
  .meta({ description: 'The data of the job `payment.create.v1` in the queue `payment-intents`.' });

export const publicationSchema = z
  .object({
    payment_intent: eventPaymentIntentSchema,
    idempotent_replayed: z
      .boolean()
      .meta({ description: 'True when the reference had this payment before.' }),
  })
  .meta({ description: 'The return value of the job `payment.create.v1`.' });
