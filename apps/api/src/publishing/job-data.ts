// Removes from Redis what a publisher put there. The data of a refused job is erased and its reason
// stays; a job that has a card number elsewhere is removed as a whole.
import { crashPoint, Unavailable } from '@quittance/platform';
import { removeRefused, type ResilientWorker } from '@quittance/redis';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { CREATE_JOB } from './published-job.js';

/** Redis refuses to erase. The job is taken again until it does. */
export class ErasureFailed extends Unavailable {
  constructor(cause: unknown) {
    super('unavailable', 'Redis is unavailable.', { cause });
  }
}

/** The fields that a publisher chose. Deleting works also where Redis has no memory left. */
const CHOSEN = ['data', 'opts', 'progress', 'returnvalue', 'stacktrace', 'tm', 'rjk'];
/** Its keys may be in a queue that the job's publisher has no right to. */
const PARENT = ['parent', 'parentKey'];

/**
 * Erases the data of a job that `worker` has taken, and detaches it from a parent and a scheduler.
 * Its id, its state and its lock stay. Throws {@link ErasureFailed}.
 */
export async function eraseJobData(worker: ResilientWorker, job: Job): Promise<void> {
  const redis = worker.opts.connection as Redis;
  const key = worker.toKey(job.id ?? '');
  crashPoint('publishing.before-erasure');
  try {
    // A scheduler holds a copy of the data and has added the next job.
    if (job.repeatJobKey) await worker.getBackend().removeJobScheduler(job.repeatJobKey);
    const fields = [...CHOSEN, ...PARENT, ...(job.name === CREATE_JOB ? [] : ['name'])];
    await redis.hdel(key, ...fields);
    await redis.del(`${key}:logs`);
  } catch (error) {
    throw new ErasureFailed(error);
  }
  crashPoint('publishing.after-erasure');
}

/** Removes a job that `worker` has taken, and records the reason. Throws {@link ErasureFailed}. */
export async function removeJob(worker: ResilientWorker, job: Job, reason: string): Promise<void> {
  crashPoint('publishing.before-removal');
  try {
    await (worker.opts.connection as Redis).hdel(worker.toKey(job.id ?? ''), ...PARENT);
    await removeRefused(worker, job.id ?? '', reason);
  } catch (error) {
    throw new ErasureFailed(error);
  }
  crashPoint('publishing.after-removal');
}
