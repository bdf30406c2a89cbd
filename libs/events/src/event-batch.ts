// What a job of a subscriber's queue holds, read without trust: a job may come from a newer publisher, or by hand.
import { UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import type { PaymentEvent } from './contract.js';

/**
 * What delivery itself needs. The payment inside is passed on as it is: a status or field that is new must not stop
 * the handlers that do not look at it.
 */
const deliverable = z.object({
  id: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.string(),
  data: z.object({
    sequence: z.int().positive(),
    payment_intent: z.object({ id: z.string() }),
  }),
});

const batch = z.object({ events: z.array(z.unknown()) });

/** The events of a job, and those entries that are none. */
export interface ReadBatch {
  readonly events: readonly PaymentEvent[];
  readonly unreadable: readonly unknown[];
}

/** Reads a job's data. Throws BullMQ's UnrecoverableError when it is no batch at all. */
export function readBatch(data: unknown): ReadBatch {
  const parsed = batch.safeParse(data);
  if (!parsed.success) throw new UnrecoverableError('the job holds no batch of events');
  const events: PaymentEvent[] = [];
  const unreadable: unknown[] = [];
  for (const entry of parsed.data.events) {
    if (deliverable.safeParse(entry).success) events.push(entry as PaymentEvent);
    else unreadable.push(entry);
  }
  return { events, unreadable };
}
