// What waits in a subscriber's failed set: for people to see before they mend a handler, and to choose what to replay.
import { type ConnectionOptions, type Job, Queue } from 'bullmq';
import { subscriberQueue } from './contract.js';
import { readBatch } from './event-batch.js';

/** Whose failed set. */
export interface SubscriberQueue {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly subscriber: string;
}

/** A job that failed for good, with the events that are still in it. */
export interface FailedEvents {
  /** The job's, unique within the subscriber's queue. */
  readonly id: string;
  readonly failedAt: Date;
  readonly attempts: number;
  /** Which events failed and why, without anything an error may have picked up. */
  readonly reason: string;
  readonly events: readonly { readonly id: string; readonly type: string }[];
}

/** The oldest of a failed set, and how many there are in all. */
export interface FailedSet {
  readonly total: number;
  readonly oldest: readonly FailedEvents[];
}

/** Reads up to `limit` failed jobs, oldest first. */
export async function listFailed(options: SubscriberQueue, limit: number): Promise<FailedSet> {
  return withQueue(options, async (queue) => {
    const [total, jobs] = [await queue.getFailedCount(), await oldest(queue, 0, limit)];
    return { total, oldest: jobs.map(failedEvents) };
  });
}

/** Opens the subscriber's queue for `work`, and lets go of it; the connection stays the caller's. */
export async function withQueue<T>(
  { connection, prefix, subscriber }: SubscriberQueue,
  work: (queue: Queue) => Promise<T>,
): Promise<T> {
  const queue = new Queue(subscriberQueue(subscriber), {
    connection,
    prefix,
    skipMetasUpdate: true,
  });
  queue.on('error', () => undefined);
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

/** `count` jobs of the failed set from `start` on, oldest first. */
export async function oldest(queue: Queue, start: number, count: number): Promise<readonly Job[]> {
  // `getFailed` would begin with the newest.
  const jobs = await queue.getJobs(['failed'], start, start + count - 1, true);
  // A job that was replayed or removed meanwhile leaves a hole.
  return jobs.filter((job) => (job as Job | undefined) !== undefined);
}

/** The job as people are shown it. */
export function failedEvents(job: Job): FailedEvents {
  return {
    id: job.id ?? '',
    failedAt: new Date(job.finishedOn ?? job.timestamp),
    attempts: job.attemptsMade,
    reason: job.failedReason ?? '',
    events: eventsIn(job),
  };
}

/** None where the job holds no batch at all: a record of what was refused. */
function eventsIn(job: Job): FailedEvents['events'] {
  const read = readBatch(job);
  return 'foreign' in read ? [] : read.events.map(({ id, type }) => ({ id, type }));
}
