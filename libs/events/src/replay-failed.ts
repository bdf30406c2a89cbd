// Gives the events in a subscriber's failed set another chance, once what made them fail has been mended.
import { type ConnectionOptions, Queue } from 'bullmq';
import { subscriberQueue } from './contract.js';

/** Whose failed events to replay. */
export interface ReplayOptions {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly subscriber: string;
}

/** A look at a time, oldest first; replayed jobs leave the set, so the next look sees others. */
const JOBS_AT_ONCE = 100;

/**
 * Puts the failed jobs back on the queue with all their attempts, oldest first, and resolves with their number.
 * Handlers see repeats only of what they have not handled.
 */
export async function replayFailed({
  connection,
  prefix,
  subscriber,
}: ReplayOptions): Promise<number> {
  const queue = new Queue(subscriberQueue(subscriber), {
    connection,
    prefix,
    skipMetasUpdate: true,
  });
  queue.on('error', () => undefined);
  try {
    const toReplay = await queue.getFailedCount();
    let replayed = 0;
    // Jobs that fail again meanwhile are not replayed a second time: the count was taken before.
    while (replayed < toReplay) {
      const jobs = await queue.getFailed(0, Math.min(JOBS_AT_ONCE, toReplay - replayed) - 1);
      if (jobs.length === 0) break;
      for (const job of jobs) await job.retry('failed', { resetAttemptsMade: true });
      replayed += jobs.length;
    }
    return replayed;
  } finally {
    await queue.close();
  }
}
