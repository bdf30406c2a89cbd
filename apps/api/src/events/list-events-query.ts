// The query string of `GET /v1/events`, and its cursor: a position in the merchant's list of
// events, as an opaque text.
import {
  eventRefundStatuses,
  eventStatuses,
  eventType,
  patternToRegExp,
  refundEventType,
} from '@quittance/events';
import { idForm } from '@quittance/platform';
import { z } from 'zod';
import type { EventCursor, EventTypes } from '@quittance/persistence';
import { limitQuery } from '../paging.js';

/** Longer than a list of all types. */
const TYPES_LENGTH_MAX = 1_000;
/** Few asterisks: the time of a match grows with their number. */
const TYPE_PATTERN = /^[a-z_\d.]{0,40}(?:\*[a-z_\d.]{0,40}){0,2}$/;
const TYPE_MESSAGE =
  'Must be types such as payment.succeeded.v1, or patterns such as refund.*, separated by commas.';

export const listEventsQuery = z.strictObject({
  limit: limitQuery,
  after: z
    .string()
    .max(200)
    .refine((cursor) => cursorIn(cursor) !== undefined, {
      params: { code: 'invalid_cursor' },
      error: 'Must be the "next" of an earlier response.',
    })
    .optional()
    .meta({ description: 'The `next` of an earlier page; continues after it.' }),
  type: z
    .string()
    .max(TYPES_LENGTH_MAX)
    .transform((text, context) => {
      const types = typesOf(text);
      if (types) return types;
      context.addIssue({ code: 'custom', params: { code: 'not_allowed' }, message: TYPE_MESSAGE });
      return z.NEVER;
    })
    .optional()
    .meta({
      type: 'string',
      description:
        'Only events of these types: types or patterns with `*`, separated by commas. A page may then have ' +
        'fewer events than `limit`, even none, while `has_more` is true; `next` continues after the events passed over.',
      examples: ['payment.*', 'payment.succeeded.v1,refund.*'],
    }),
});

/** The place before the oldest event, of a reader that begins. */
export const LIST_START: EventCursor = { tx: '0', subject: '', sequence: 0, endings: null };

const FORM = new RegExp(
  `^(\\d{1,19})\\.(|${idForm('(?:pi|re)')})\\.(\\d{1,9})(?:\\.([1-9]\\d{0,17}))?$`,
);

/** Returns the text of a cursor. It names no endings while there are none. */
export function cursorOf({ tx, subject, sequence, endings }: EventCursor): string {
  const known = endings === null || endings === '0' ? '' : `.${endings}`;
  return Buffer.from(`${tx}.${subject}.${sequence}${known}`).toString('base64url');
}

/** Returns the cursor in a text; `undefined` for any other text. */
export function cursorIn(text: string): EventCursor | undefined {
  const match = FORM.exec(Buffer.from(text, 'base64url').toString());
  if (!match) return undefined;
  const [, tx = '', subject = '', sequence = '', endings = '0'] = match;
  return { tx, subject, sequence: Number(sequence), endings };
}

/** Returns the types that a list of patterns names; `undefined` if a pattern names none. */
function typesOf(text: string): EventTypes | undefined {
  const texts = text.split(',').map((pattern) => pattern.trim());
  if (texts.some((pattern) => !TYPE_PATTERN.test(pattern))) return undefined;
  const patterns = texts.map(patternToRegExp);
  const named = (types: readonly string[]) =>
    types.map((type) => patterns.filter((pattern) => pattern.test(type)));
  const [ofPayments, ofRefunds] = [
    named(eventStatuses.map(eventType)),
    named(eventRefundStatuses.map(refundEventType)),
  ];
  const used = new Set([...ofPayments, ...ofRefunds].flat());
  if (used.size < patterns.length) return undefined;
  return {
    payments: eventStatuses.filter((_, at) => ofPayments[at]?.length),
    refunds: eventRefundStatuses.filter((_, at) => ofRefunds[at]?.length),
  };
}
