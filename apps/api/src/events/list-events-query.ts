// The query string of `GET /v1/events`, and its cursor: a position in the merchant's list of
// events, as an opaque text.
import { idForm } from '@quittance/platform';
import { z } from 'zod';
import type { EventPosition } from '@quittance/persistence';
import { limitQuery } from '../paging.js';

export const listEventsQuery = z.strictObject({
  limit: limitQuery,
  after: z
    .string()
    .max(200)
    .refine((cursor) => positionAt(cursor) !== undefined, {
      params: { code: 'invalid_cursor' },
      error: 'Must be the "next" of an earlier response.',
    })
    .optional()
    .meta({ description: 'The `next` of an earlier page; continues after it.' }),
});

/** The position before the first event. */
export const LIST_START: EventPosition = { tx: '0', paymentId: '', sequence: 0 };

const FORM = new RegExp(`^(\\d{1,19})\\.(|${idForm('pi')})\\.(\\d{1,9})$`);

/** Returns the cursor of a position. */
export function cursorOf({ tx, paymentId, sequence }: EventPosition): string {
  return Buffer.from(`${tx}.${paymentId}.${sequence}`).toString('base64url');
}

/** Returns the position of a cursor; `undefined` for any other text. */
export function positionAt(cursor: string): EventPosition | undefined {
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) return undefined;
  const [, tx = '', paymentId = '', sequence = ''] = match;
  return { tx, paymentId, sequence: Number(sequence) };
}
