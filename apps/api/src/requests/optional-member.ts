// A member of a request that may be missing. Clients in many languages write what they do not have
// as `null`, so that says the same.
import type { z } from 'zod';

/** Takes what `schema` takes, nothing, or `null`, which is read as nothing. */
export function optional<S extends z.ZodType>(schema: S) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
}
