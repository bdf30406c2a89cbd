// Validates a job of a subscriber's queue, which may come from a newer publisher, or be made by
// hand.
import type { Job } from 'bullmq';
import { unexpectedParts, shownNames } from '@quittance/redis';
import { z } from 'zod';
import type { PublishedEvent } from './contract.js';

/**
 * The fields that delivery itself needs. The payment and refund inside are passed on unchanged: a
 * new status or field must not stop the handlers that do not use it.
 */
const deliverable = z
  .object({
    id: z.string().regex(/^evt_[0-9a-z]{1,40}_\d{1,9}$/),
    type: z.string().regex(/^[a-z_]{1,40}(\.[a-z_]{1,40}){0,3}\.v\d{1,2}$/),
    subject: z.string().regex(/^(pi|re)_[0-9a-z]{1,40}$/),
    time: z.iso.datetime(),
    data: z.object({
      sequence: z.int().positive(),
      payment_intent: z.object({ id: z.string() }),
      refund: z.object({ id: z.string() }).optional(),
    }),
  })
  .refine(({ subject, data }) => !subject.startsWith('re_') || data.refund !== undefined, {
    path: ['data', 'refund'],
  });

const batch = z.strictObject({ events: z.array(z.unknown()) });

/** The name of a batch of this or a later version. */
const NAME = /^payment\.events\.v\d{1,2}$/;

/**
 * The events of a job, and the faults of each entry that is not an event, by field names without
 * values.
 */
export interface ReadBatch {
  readonly events: readonly PublishedEvent[];
  readonly unreadable: readonly string[];
}

/** A job without a batch of events, and the reason. */
export interface ForeignJob {
  readonly foreign: string;
}

/** Parses a job of a subscriber's queue. */
export function readBatch(job: Pick<Job, 'id' | 'name' | 'data' | 'opts'>): ReadBatch | ForeignJob {
  if (typeof job.name !== 'string' || !NAME.test(job.name))
    return { foreign: 'its name is not that of an event batch' };
  const parsed = batch.safeParse(job.data);
  const odd = parsed.success ? unexpectedParts(job) : batchFaults(parsed.error);
  if (!parsed.success || odd !== undefined)
    return { foreign: `${job.name} cannot be read: ${odd}` };
  const events: PublishedEvent[] = [];
  const unreadable: string[] = [];
  for (const entry of parsed.data.events) {
    const read = deliverable.safeParse(entry);
    if (read.success) events.push(entry as PublishedEvent);
    else unreadable.push(entryFaults(read.error));
  }
  return { events, unreadable };
}

function batchFaults({ issues }: z.ZodError): string {
  const strange = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  return strange.length > 0 ? `unexpected ${shownNames(strange)}` : 'it contains no list of events';
}

/** Lists the names of contract fields only; other fields are ignored. */
function entryFaults({ issues }: z.ZodError): string {
  const paths = issues.map(({ path }) => path.join('.') || 'not an object');
  return [...new Set(paths)].join(', ');
}
