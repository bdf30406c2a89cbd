// Metrics of consumed jobs: how long each waited in its queue, and how long its handler ran.
import type { Metrics } from '@quittance/platform';
import { DelayedError, type Job, RateLimitError } from 'bullmq';

/** Seconds: a job waits milliseconds in an idle queue, and minutes in a backlog. */
const WAIT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800];

/** Seconds: a handler runs for as long as its call to the gateway. */
const RUN_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 31, 60];

type Result = 'done' | 'put_off' | 'failed';

/** The metrics of a process's jobs, by queue. */
export class JobTimes {
  readonly #waits;
  readonly #runs;

  constructor(metrics: Metrics) {
    this.#waits = metrics.histogram({
      name: 'job_wait_seconds',
      help: 'Time from adding a job to its first start, by queue.',
      labels: ['queue'],
      buckets: WAIT_BUCKETS,
    });
    this.#runs = metrics.histogram({
      name: 'job_run_seconds',
      help: 'Duration of one run of a job, by queue and result: done, put_off (returned to its queue) or failed.',
      labels: ['queue', 'result'],
      buckets: RUN_BUCKETS,
    });
  }

  /** Calls `run` for a job that was just taken, and passes on its end. */
  async measure(job: Job, run: () => Promise<void>): Promise<void> {
    const queue = job.queueName;
    if (job.attemptsStarted <= 1)
      this.#waits.observe({ queue }, Math.max(0, Date.now() - job.timestamp) / 1000);
    const stop = this.#runs.startTimer({ queue });
    try {
      await run();
      stop({ result: 'done' satisfies Result });
    } catch (error) {
      stop({ result: failureOf(error) });
      throw error;
    }
  }
}

function failureOf(error: unknown): Result {
  const isPutOff = error instanceof DelayedError || error instanceof RateLimitError;
  return isPutOff ? 'put_off' : 'failed';
}
