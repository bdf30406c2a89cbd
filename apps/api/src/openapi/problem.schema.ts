// The answer to every request that failed (RFC 9457). Made by libs/platform; this is its
// description for callers, and a test holds the two together.
import { z } from 'zod';

export const problemSchema = z
  .object({
    type: z.string().meta({ format: 'uri', examples: ['urn:quittance:problem:validation_failed'] }),
    title: z.string(),
    status: z.int(),
    code: z
      .string()
      .meta({ description: 'Stable; branch on this.', examples: ['validation_failed'] }),
    detail: z.string().meta({ description: 'For a person.' }),
    request_id: z.string().meta({ description: 'Also in the header `X-Request-Id`.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({
            description: 'Names of this API, joined by dots; `…` stands for one that is none.',
            examples: ['card.number'],
          }),
          code: z.string().meta({ examples: ['invalid_format'] }),
          message: z.string(),
        }),
      )
      .optional()
      .meta({
        description: 'Every fault of the request, at once. Never holds values or names sent.',
      }),
  })
  .meta({ description: 'What went wrong, as RFC 9457.' });
