// Reads the state of queues for operators: the ops API, its page and the CLI.
import type { Queue } from 'bullmq';
import { INTENTS_QUEUE, jobNames, JOBS, queueOf } from './jobs.js';

/** The state of one queue. Members have the names of the ops API. */
export interface QueueState {
  readonly name: string;
  readonly waiting: number;
  /** Jobs that wait for a time, such as that of a retry. */
  readonly delayed: number;
  readonly active: number;
  readonly failed: number;
  readonly is_paused: boolean;
  readonly workers: number;
  /** Age of the job that has waited longest, in seconds. */
  readonly oldest_seconds: number;
}

/** Returns the names of the queues of all jobs: those of each lane, and those without lanes. */
export function jobQueueNames(lanes: readonly string[]): string[] {
  const jobs = jobNames.flatMap((name) =>
    JOBS[name].hasLanes ? lanes.map((lane) => queueOf(name, lane)) : [queueOf(name)],
  );
  return [...new Set([INTENTS_QUEUE, ...jobs])];
}

export async function readQueueState(queue: Queue): Promise<QueueState> {
  const [counts, isPaused, workers, oldest] = await Promise.all([
    queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed'),
    queue.isPaused(),
    queue.getWorkersCount(),
    queue.getJobs(['waiting', 'prioritized'], 0, 0, true),
  ]);
  const { waiting = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = counts;
  const addedAt = oldest[0]?.timestamp ?? Date.now();
  return {
    name: queue.name,
    waiting: waiting + prioritized,
    delayed,
    active,
    failed,
    is_paused: isPaused,
    workers,
    oldest_seconds: Math.max(0, Date.now() - addedAt) / 1000,
  };
}
