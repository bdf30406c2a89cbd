// What a job of a subscriber's queue holds, read without trust: a job may come from a newer
// publisher, or by hand.
import type { Job } from 'bullmq';
import { oddParts, shownNames } from '@quittance/redis';
import { z } from 'zod';
import type { PaymentEvent } from './contract.js';

/**
 * What delivery itself needs. The payment inside is passed on as it is: a status or field that is
 * new must not stop the handlers that do not look at it.
 */
const deliverable = z.object({
  id: z.string().regex(/^evt_[0-9a-z]{1,40}_\d{1,9}$/),
  type: z.string().regex(/^[a-z_]{1,40}(\.[a-z_]{1,40}){0,3}\.v\d{1,2}$/),
  subject: z.string().regex(/^pi_[0-9a-z]{1,40}$/),
  time: z.iso.datetime(),
  data: z.object({
    sequence: z.int().positive(),
    payment_intent: z.object({ id: z.string() }),
  }),
});

const batch = z.strictObject({ events: z.array(z.unknown()) });

/** Of this version, or of one to come. */
const NAME = /^payment\.events\.v\d{1,2}$/;

/**
 * The events of a job, and what is wrong with each entry that is none, naming fields and no values.
 */
export interface ReadBatch {
  readonly events: readonly PaymentEvent[];
  readonly unreadable: readonly string[];
}

/** A job that holds no batch of events, and why. */
export interface ForeignJob {
  readonly foreign: string;
}

/** Reads a job of a subscriber's queue. */
export function readBatch(job: Pick<Job, 'id' | 'name' | 'data' | 'opts'>): ReadBatch | ForeignJob {
  if (typeof job.name !== 'string' || !NAME.test(job.name))
    return { foreign: 'its name is not one of a batch of events' };
  const parsed = batch.safeParse(job.data);
  const odd = parsed.success ? oddParts(job) : batchFaults(parsed.error);
  if (!parsed.success || odd !== undefined)
    return { foreign: `${job.name} cannot be read: ${odd}` };
  const events: PaymentEvent[] = [];
  const unreadable: string[] = [];
  for (const entry of parsed.data.events) {
    const read = deliverable.safeParse(entry);
    if (read.success) events.push(entry as PaymentEvent);
    else unreadable.push(entryFaults(read.error));
  }
  return { events, unreadable };
}

function batchFaults({ issues }: z.ZodError): string {
  const strange = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  return strange.length > 0 ? `unexpected ${shownNames(strange)}` : 'it holds no list of events';
}

/** Only names of the contract: what is not in it is not looked at. */
function entryFaults({ issues }: z.ZodError): string {
  const paths = issues.map(({ path }) => path.join('.') || 'no object');
  return [...new Set(paths)].join(', ');
}
