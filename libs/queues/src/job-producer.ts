// Publishes jobs to their queues. The outbox relay, the direct orders after a commit and the
// worker's due steps call it, and no request waits for it.
import type { BulkJobOptions, Queue } from 'bullmq';
import {
  type JobName,
  JOBS,
  type LaneJobName,
  type NewJob,
  queueOf,
  type RetryPolicy,
} from './jobs.js';
import type { QueueRegistry } from './queue-registry.js';
import { Turns } from './turns.js';

/** Ten thousand failed jobs are a few megabytes, and more than an operator will read. */
const FAILED_JOBS_MAX = 10_000;

const UNDONE = ['waiting', 'prioritized', 'active', 'delayed'] as const;

/** The interval of reading the present round of a queue while jobs are added to it. */
const HEAD_LASTS_MS = 100;
/** The age at which a round is too old to be used: jobs are added after the next reading. */
const HEAD_STALE_MS = 1_000;
/** A score in the set of waiting jobs is the round times this, plus a counter. */
const SCORE_PER_ROUND = 2 ** 32;

/** The turns in a queue, and the reading of its present round. */
interface QueueTurns {
  readonly turns: Turns;
  /** On the clock of `performance.now()`. */
  readAt: number;
  reading: Promise<void> | undefined;
}

/** Adds jobs in bulk. In each queue the merchants take turns. */
export class JobProducer {
  readonly #turns = new Map<string, QueueTurns>();

  constructor(private readonly queues: QueueRegistry) {}

  /**
   * Adds all jobs with one round trip per queue, to all queues at once. Rejects when any job could
   * not be added. The others may have been; adding all of them again is harmless, because their ids
   * are the same.
   */
  async add(jobs: readonly NewJob[]): Promise<void> {
    const byQueue = new Map<string, NewJob[]>();
    for (const job of jobs) {
      const queue = queueOf(job.name, job.lane);
      const entries = byQueue.get(queue);
      if (entries) entries.push(job);
      else byQueue.set(queue, [job]);
    }
    const additions = [...byQueue].map(([queue, entries]) =>
      this.#addTo(this.queues.get(queue), entries),
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

  async #addTo(queue: Queue, jobs: readonly NewJob[]): Promise<void> {
    const turns = await this.#presentTurns(queue);
    const entries = jobs.map(({ name, payload, jobId, merchantId, delayMs }) => ({
      name,
      data: payload,
      opts: {
        ...OPTIONS[name],
        jobId,
        priority: turns.take(merchantId),
        ...(delayMs ? { delay: delayMs } : {}),
      },
    }));
    await queue.addBulk(entries);
  }

  /**
   * Reads the present round of a busy queue in the background. Only after a pause the jobs wait for
   * it, so that a burst after a pause does not get ahead of a backlog that others added.
   */
  async #presentTurns(queue: Queue): Promise<Turns> {
    const known = this.#turns.get(queue.name);
    const entry = known ?? { turns: new Turns(), readAt: -Infinity, reading: undefined };
    if (!known) this.#turns.set(queue.name, entry);
    const ageMs = performance.now() - entry.readAt;
    if (ageMs > HEAD_LASTS_MS) entry.reading ??= readHead(queue, entry);
    if (ageMs > HEAD_STALE_MS) await entry.reading;
    return entry.turns;
  }
}

/** Redis writes a score that another program set to infinity as `inf`. */
function roundOf(score: string): number {
  const round = Math.floor(Number(score) / SCORE_PER_ROUND);
  return Number.isSafeInteger(round) ? round : 0;
}

/** Never rejects. While Redis is unavailable the jobs themselves cannot be added either. */
async function readHead(queue: Queue, entry: QueueTurns): Promise<void> {
  try {
    const client = await queue.getBackend().client;
    const first = client.zrange(queue.toKey('prioritized'), 0, 0, { WITHSCORES: true });
    const [, score] = await first;
    entry.readAt = performance.now();
    entry.turns.observe(score === undefined ? undefined : roundOf(score), entry.readAt);
  } catch {
    // The next addition reads again.
  } finally {
    entry.reading = undefined;
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
