// The body of every failed response (RFC 9457). libs/platform creates it; this is its description
// for callers, and a test compares the two.
import { z } from 'zod';

/** Every code that the api answers with. A new one is a change of the contract. */
export const PROBLEM_CODES = [
  'unreadable_request',
  'digest_mismatch',
  'unexpected_body',
  'unauthenticated',
  'signature_required',
  'signature_invalid',
  'signature_replayed',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'request_timeout',
  'reference_conflict',
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'state_conflict',
  'refund_exists',
  'action_refused',
  'events_ended',
  'payload_too_large',
  'uri_too_long',
  'unsupported_media_type',
  'expectation_failed',
  'validation_failed',
  'too_many_requests',
  'headers_too_large',
  'internal_error',
  'unavailable',
  'overloaded',
] as const;

export const problemSchema = z
  .object({
    type: z.string().meta({ format: 'uri', examples: ['urn:quittance:problem:validation_failed'] }),
    title: z.string(),
    status: z.int(),
    code: z
      .enum(PROBLEM_CODES)
      .meta({ description: 'Stable; branch on this.', examples: ['validation_failed'] }),
    detail: z.string().meta({ description: 'For a person.' }),
    request_id: z.string().meta({ description: 'Also in the header `X-Request-Id`.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({
            description: 'Names of this API, joined by dots; `…` replaces any other name.',
            examples: ['card.number'],
          }),
          code: z.string().meta({ examples: ['invalid_format'] }),
          message: z.string(),
        }),
      )
      .optional()
      .meta({
        description: 'Every fault of the request. Never contains values or names that were sent.',
      }),
    next: z.string().optional().meta({
      description: 'With `events_ended`: the cursor that continues with the events that are left.',
    }),
  })
  .meta({ description: 'A problem (RFC 9457).' });
