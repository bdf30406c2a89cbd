// The failed set of a subscriber's queue: events that wait until an operator has fixed the handler
// and replays them.
import { type ConnectionOptions, type Job, Queue } from 'bullmq';
import { queuePrefix } from '@quittance/redis';
import { subscriberQueue } from './contract.js';
import { readBatch } from './event-batch.js';

/** The queue whose failed set is meant. */
export interface SubscriberQueue {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly subscriber: string;
}

/** A job that failed for good, with its remaining events. */
export interface FailedEvents {
  /** The job's id, unique within the subscriber's queue. */
  readonly id: string;
  readonly failedAt: Date;
  readonly attempts: number;
  /** The events that failed and why, without data that an error may have picked up. */
  readonly reason: string;
  readonly events: readonly { readonly id: string; readonly type: string }[];
}

/** The oldest jobs of a failed set, and the total number. */
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

/** Opens the subscriber's queue for `work` and closes it; the caller closes the connection. */
async function withQueue<T>(
  { connection, prefix, subscriber }: SubscriberQueue,
  work: (queue: Queue) => Promise<T>,
): Promise<T> {
  const name = subscriberQueue(subscriber);
  const queue = new Queue(name, {
    connection,
    prefix: queuePrefix(connection, prefix, name),
    skipMetasUpdate: true,
  });
  queue.on('error', () => undefined);
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

/** Returns `count` jobs of the failed set from `start` on, oldest first. */
async function oldest(queue: Queue, start: number, count: number): Promise<readonly Job[]> {
  // `getFailed` would begin with the newest.
  const jobs = await queue.getJobs(['failed'], start, start + count - 1, true);
  // A job that was replayed or removed meanwhile is undefined.
  return jobs.filter((job) => (job as Job | undefined) !== undefined);
}

/** Returns the job as operators see it. */
function failedEvents(job: Job): FailedEvents {
  return {
    id: job.id ?? '',
    failedAt: new Date(job.finishedOn ?? job.timestamp),
    attempts: job.attemptsMade,
    reason: job.failedReason ?? '',
    events: eventsIn(job),
  };
}

/** Returns the job's events; none if the job has no batch, but is a record of a rejected one. */
function eventsIn(job: Job): FailedEvents['events'] {
  const read = readBatch(job);
  return 'foreign' in read ? [] : read.events.map(({ id, type }) => ({ id, type }));
}

/** The failed events to replay. */
export interface ReplayOptions extends SubscriberQueue {
  /** Only this job, or the jobs with this event; all jobs without it. */
  readonly id?: string;
}

/**
 * The size of a page, oldest first; replayed jobs leave the set, so the next page contains others.
 */
const JOBS_AT_ONCE = 100;

/**
 * Returns the failed jobs to the queue with all their attempts, oldest first, and resolves with
 * their number. The inbox drops the events that were handled.
 */
export async function replayFailed({ id, ...options }: ReplayOptions): Promise<number> {
  return withQueue(options, (queue) =>
    id === undefined ? replayAll(queue) : replayHolding(queue, id),
  );
}

/** Returns the number of failed jobs that {@link replayFailed} would replay now. */
export async function countFailed({ id, ...options }: ReplayOptions): Promise<number> {
  return withQueue(options, async (queue) =>
    id === undefined ? queue.getFailedCount() : (await holding(queue, id)).length,
  );
}

/**
 * Returns the failed sets of all subscribers over one connection. An id of null selects every job
 * of a set.
 */
export function failedSets(queues: Omit<SubscriberQueue, 'subscriber'>) {
  const selected = (subscriber: string, id: string | null): ReplayOptions => ({
    ...queues,
    subscriber,
    ...(id !== null && { id }),
  });
  return {
    list: (subscriber: string, limit: number) => listFailed({ ...queues, subscriber }, limit),
    count: (subscriber: string, id: string | null) => countFailed(selected(subscriber, id)),
    replay: (subscriber: string, id: string | null) => replayFailed(selected(subscriber, id)),
  };
}

async function replayAll(queue: Queue): Promise<number> {
  const toReplay = await queue.getFailedCount();
  let replayed = 0;
  // The count was taken before, so jobs that fail again meanwhile are not replayed a second time.
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
