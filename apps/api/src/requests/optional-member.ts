// An optional member of a request. Clients in many languages write an absent member as `null`, so
// both mean the same.
import type { z } from 'zod';

/** Accepts `schema`, an absent member, or `null`, which is parsed as absent. */
export function optional<S extends z.ZodType>(schema: S) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
}
