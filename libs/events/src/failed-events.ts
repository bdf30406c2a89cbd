// The failed set of a subscriber's queue: events that wait for a person, who mends the handler and
// then replays them.
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

/**
 * Opens the subscriber's queue for `work`, and lets go of it; the connection stays the caller's.
 */
async function withQueue<T>(
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
async function oldest(queue: Queue, start: number, count: number): Promise<readonly Job[]> {
  // `getFailed` would begin with the newest.
  const jobs = await queue.getJobs(['failed'], start, start + count - 1, true);
  // A job that was replayed or removed meanwhile leaves a hole.
  return jobs.filter((job) => (job as Job | undefined) !== undefined);
}

/** The job as people are shown it. */
function failedEvents(job: Job): FailedEvents {
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

/** Whose failed events to replay. */
export interface ReplayOptions extends SubscriberQueue {
  /** Only this job, or the jobs that hold this event; all without it. */
  readonly id?: string;
}

/** A look at a time, oldest first; replayed jobs leave the set, so the next look sees others. */
const JOBS_AT_ONCE = 100;

/**
 * Puts the failed jobs back on the queue with all their attempts, oldest first, and resolves with
 * their number. Handlers see repeats only of what they have not handled.
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
