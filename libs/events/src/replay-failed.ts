// Gives the events in a subscriber's failed set another chance, once what made them fail has been mended.
import type { Job, Queue } from 'bullmq';
import { failedEvents, oldest, type SubscriberQueue, withQueue } from './failed-events.js';

/** Whose failed events to replay. */
export interface ReplayOptions extends SubscriberQueue {
  /** Only this job, or the jobs that hold this event; all without it. */
  readonly id?: string;
}

/** A look at a time, oldest first; replayed jobs leave the set, so the next look sees others. */
const JOBS_AT_ONCE = 100;

/**
 * Puts the failed jobs back on the queue with all their attempts, oldest first, and resolves with their number.
 * Handlers see repeats only of what they have not handled.
 */
export async function replayFailed({ id, ...options }: ReplayOptions): Promise<number> {
  return withQueue(options, (queue) =>
    id === undefined ? replayAll(queue) : replayHolding(queue, id),
  );
}

/** How many failed jobs {@link replayFailed} would put back now. */
export async function countFailed({ id, ...options }: ReplayOptions): Promise<number> {
  return withQueue(options, async (queue) =>
    id === undefined ? queue.getFailedCount() : (await holding(queue, id)).length,
  );
}

async function replayAll(queue: Queue): Promise<number> {
  const toReplay = await queue.getFailedCount();
  let replayed = 0;
  // Jobs that fail again meanwhile are not replayed a second time: the count was taken before.
  while (replayed < toReplay) {
    const jobs = await oldest(queue, 0, Math.min(JOBS_AT_ONCE, toReplay - replayed));
    if (jobs.length === 0) break;
    for (const job of jobs) await replay(job);
    replayed += jobs.length;
  }
  return replayed;
}

async function replayHolding(queue: Queue, id: string): Promise<number> {
  const wanted = await holding(queue, id);
  for (const job of wanted) await replay(job);
  return wanted.length;
}

async function holding(queue: Queue, id: string): Promise<Job[]> {
  const toLookAt = await queue.getFailedCount();
  const wanted: Job[] = [];
  for (let start = 0; start < toLookAt; start += JOBS_AT_ONCE) {
    const jobs = await oldest(queue, start, JOBS_AT_ONCE);
    wanted.push(...jobs.filter((job) => isOrHolds(job, id)));
  }
  return wanted;
}

function isOrHolds(job: Job, id: string): boolean {
  return job.id === id || failedEvents(job).events.some((event) => event.id === id);
}

function replay(job: Job): Promise<void> {
  return job.retry('failed', { resetAttemptsMade: true });
}
