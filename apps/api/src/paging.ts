// The common form of paged lists: query parameters and pages.
import { z } from 'zod';

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

/** The parameter `limit` of a query string, 1 to 100. */
export const limitQuery = z
  .string()
  .regex(/^([1-9]\d?|100)$/, `Must be a whole number from 1 to ${PAGE_MAX}.`)
  .transform(Number)
  .default(PAGE_DEFAULT)
  .meta({
    type: 'integer',
    minimum: 1,
    maximum: PAGE_MAX,
    default: PAGE_DEFAULT,
    description: 'Most entries of one page.',
  });

/** Returns an optional parameter of a query string that is an instant. */
export function instantQuery(description: string) {
  return (
    z.iso
      .datetime({ offset: true, error: 'Must be a time such as 2026-11-21T10:00:00Z.' })
      // Converted here, because Postgres accepts neither the year 0 nor an offset beyond 15:59.
      .transform((text) => new Date(text))
      .optional()
      .meta({ description })
  );
}

/** One page of a list. `next` is the value for `after` that continues the list. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next: string | null;
}

/** Returns the schema of a page, for the OpenAPI document. */
export function pageSchema<S extends z.ZodType>(entry: S, next: string) {
  return z.object({
    data: z.array(entry),
    has_more: z.boolean(),
    next: z.string().nullable().meta({ description: next }),
  });
}
