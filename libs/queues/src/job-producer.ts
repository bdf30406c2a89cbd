// Publishes jobs to their queues. Only the outbox relay and the worker's due steps call it, so no
// API request depends on Redis.
import type { BulkJobOptions } from 'bullmq';
import {
  type JobName,
  JOBS,
  type LaneJobName,
  type NewJob,
  queueOf,
  type RetryPolicy,
} from './jobs.js';
import type { QueueRegistry } from './queue-registry.js';

/** Ten thousand failed jobs are a few megabytes, and more than an operator will read. */
const FAILED_JOBS_MAX = 10_000;

const UNDONE = ['waiting', 'active', 'delayed'] as const;

/** Adds jobs in bulk. */
export class JobProducer {
  constructor(private readonly queues: QueueRegistry) {}

  /**
   * Adds all jobs with one round trip per queue, to all queues at once. Rejects when any job could
   * not be added. The others may have been; adding all of them again is harmless, because their ids
   * are the same.
   */
  async add(jobs: readonly NewJob[]): Promise<void> {
    const byQueue = new Map<string, { name: string; data: unknown; opts: BulkJobOptions }[]>();
    for (const { name, payload, jobId, lane, delayMs } of jobs) {
      const queue = queueOf(name, lane);
      const opts = { ...OPTIONS[name], jobId, ...(delayMs ? { delay: delayMs } : {}) };
      const entry = { name, data: payload, opts };
      const entries = byQueue.get(queue);
      if (entries) entries.push(entry);
      else byQueue.set(queue, [entry]);
    }
    const additions = [...byQueue].map(([queue, entries]) =>
      this.queues.get(queue).addBulk(entries),
    );
    const results = await Promise.allSettled(additions);
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }

  /** Resolves with the number of waiting, delayed and active jobs of a name without lanes. */
  async backlog(name: Exclude<JobName, LaneJobName>): Promise<number> {
    const counts = await this.queues.get(queueOf(name)).getJobCounts(...UNDONE);
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }
}

function bulkOptions({ attempts, firstDelayMs }: RetryPolicy): BulkJobOptions {
  return {
    attempts,
    backoff: { type: 'exponential', delay: firstDelayMs, jitter: 0.5 },
    removeOnComplete: true,
    removeOnFail: { count: FAILED_JOBS_MAX },
    // Only the trace of the last failure. Each is a few hundred bytes in the job's hash.
    stackTraceLimit: 1,
  };
}

const OPTIONS = Object.fromEntries(
  Object.entries(JOBS).map(([name, { retry }]) => [name, bulkOptions(retry)]),
) as Readonly<Record<JobName, BulkJobOptions>>;
