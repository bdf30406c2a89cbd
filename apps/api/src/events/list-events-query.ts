// The query string of `GET /v1/events`.
import { z } from 'zod';
import { limitQuery } from '../paging.js';
import { positionAt } from './event-cursor.js';

export const listEventsQuery = z.strictObject({
  limit: limitQuery,
  after: z
    .string()
    .max(200)
    .refine((cursor) => positionAt(cursor) !== undefined, {
      params: { code: 'invalid_cursor' },
      error: 'Must be the "next" of an earlier answer.',
    })
    .optional()
    .meta({ description: 'Continue after an earlier page: its `next`.' }),
});
