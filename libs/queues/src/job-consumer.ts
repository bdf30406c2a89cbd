// Consumes jobs and passes each payload to the handler of its job. Locks, retries and an orderly
// stop are implemented here, so that a handler contains only the job's own work.
import { DelayedError, type Job, RateLimitError, UnrecoverableError } from 'bullmq';
import { InvariantViolation, type Logger, Unavailable } from '@quittance/platform';
import {
  isRefusalRecord,
  queuePrefix,
  ResilientWorker,
  type RedisConnections,
  removeRefused,
} from '@quittance/redis';
import { delayUnknown, mayBeNewer, throwForBullMQ } from './job-failures.js';
import type { JobTimes } from './job-times.js';
import { type JobName, jobNames, type JobPayload, JOBS, queueOf } from './jobs.js';
import { readJob } from './read-job.js';

/** The handler of a job. Create one with {@link handleJob}. */
export interface JobHandler {
  readonly name: JobName;
  readonly run: (payload: unknown, queue: string) => Promise<void>;
}

/**
 * Creates the handler of a job. `run` receives the validated payload and the name of the job's
 * queue, and may be called again with the same payload.
 */
export function handleJob<N extends JobName>(
  name: N,
  run: (payload: JobPayload<N>, queue: string) => Promise<void>,
): JobHandler {
  const schema = JOBS[name].payload;
  return {
    name,
    run: async (payload, queue) => {
      const parsed = schema.safeParse(payload);
      if (!parsed.success)
        throw new InvariantViolation('bad_job_payload', `${name} cannot be read`);
      await run(parsed.data as JobPayload<N>, queue);
    },
  };
}

/** The options of a {@link JobConsumer}. */
export interface JobConsumerOptions {
  readonly connections: RedisConnections;
  /** The first part of every key in Redis; the same as the producer's. */
  readonly prefix: string;
  readonly log: Logger;
  /** One handler for every job of the table. */
  readonly handlers: readonly JobHandler[];
  /** Most jobs in progress at once, per queue (each lane has its own). */
  readonly concurrency: Readonly<Record<JobName, number>>;
  /**
   * The duration of a job's lock in milliseconds, renewed at half time while the process lives. It
   * must exceed the longest pause of the event loop, not the longest job. Default 30 s.
   */
  readonly lockDurationMs?: number;
  /** Receives the times of the jobs. */
  readonly times?: JobTimes;
}

const LOCK_DURATION_MS = 30_000;

/**
 * A job whose process died more often than this is the likely cause. Its due time in Postgres
 * remains.
 */
const STALLS_ALLOWED = 3;

/** Replaces BullMQ's default of 15 s after a failed fetch, far longer than a restart of Redis. */
const FETCH_RETRY_PAUSE_MS = 1000;

/**
 * BullMQ holds a queue back for a time only if its worker has a limiter. This one never limits by
 * itself.
 */
const NO_LIMITER = { max: Number.MAX_SAFE_INTEGER, duration: 1000 };

/**
 * Thrown by a handler to hold back its queue, for all workers. The job returns to its place, and
 * the attempt does not count.
 */
export class RateLimited extends Error {
  constructor(readonly forMs: number) {
    super('the rate of the queue is used up');
  }
}

/** The service of this process for a lane. */
export interface LaneService {
  /** Most jobs in progress at once, if below the process's own limit. */
  readonly concurrency?: number | null;
  readonly isPaused?: boolean;
}

/** The BullMQ workers of one process. */
export class JobConsumer {
  readonly #options: JobConsumerOptions;
  readonly #handlers: ReadonlyMap<string, JobHandler>;
  readonly #workers = new Map<string, ResilientWorker>();
  /** Queues of paused lanes, which {@link resume} leaves alone. */
  readonly #pausedLanes = new Set<string>();
  #isPaused = false;
  #isClosing = false;

  /** Throws {@link InvariantViolation} when a job of the table has no handler or more than one. */
  constructor(options: JobConsumerOptions) {
    this.#options = options;
    this.#handlers = handlersByName(options.handlers);
  }

  /** Starts consuming the jobs that have no lanes. */
  start(): void {
    if (this.#isClosing) return;
    for (const name of jobNames) if (!JOBS[name].hasLanes) this.#startWorker(name, queueOf(name));
  }

  /** Starts consuming the jobs of a lane, or changes how this process does it. */
  serveLane(lane: string, { concurrency = null, isPaused = false }: LaneService = {}): void {
    if (this.#isClosing) return;
    for (const name of jobNames.filter((job) => JOBS[job].hasLanes)) {
      const queue = queueOf(name, lane);
      const worker = this.#startWorker(name, queue);
      const own = this.#options.concurrency[name];
      worker.concurrency = Math.min(own, concurrency ?? own);
      if (isPaused) this.#pausedLanes.add(queue);
      else this.#pausedLanes.delete(queue);
      if (isPaused || this.#isPaused) void worker.pause(true);
      else void worker.resume();
    }
  }

  /** Returns the names of the queues that this consumer serves. */
  queueNames(): readonly string[] {
    return [...this.#workers.keys()];
  }

  /** Returns the BullMQ workers that run now. */
  workers(): Iterable<ResilientWorker> {
    return this.#workers.values();
  }

  /** Stops taking jobs. Resolves when those in hand have ended, with `waits: false` at once. */
  async pause({ waits }: { readonly waits: boolean } = { waits: true }): Promise<void> {
    this.#isPaused = true;
    await Promise.all([...this.#workers.values()].map((worker) => worker.pause(!waits)));
  }

  /** Takes jobs again after {@link pause}, except those of paused lanes. */
  async resume(): Promise<void> {
    this.#isPaused = false;
    const resumed = [...this.#workers].filter(([queue]) => !this.#pausedLanes.has(queue));
    await Promise.all(resumed.map(([, worker]) => worker.resume()));
  }

  /**
   * Stops taking jobs and waits at most `limitMs` for those in hand. Choose a limit below the
   * lock's duration: an abandoned job comes back once its lock has expired.
   */
  async close(limitMs: number): Promise<void> {
    this.#isClosing = true;
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    await Promise.all(
      workers.map(async (worker) => {
        if (await worker.closeWithin(limitMs)) return;
        this.#options.log.warn({ queue: worker.name, limitMs }, 'jobs in hand were abandoned');
      }),
    );
  }

  #startWorker(name: JobName, queue: string): ResilientWorker {
    const known = this.#workers.get(queue);
    if (known) return known;
    const { connections, prefix, concurrency, times } = this.#options;
    const { lockDurationMs = LOCK_DURATION_MS } = this.#options;
    const process = (job: Job, token?: string) => {
      const run = () => this.#process(worker, job, token);
      return times ? times.measure(job, run) : run();
    };
    const worker: ResilientWorker = new ResilientWorker(queue, process, {
      connection: connections.worker,
      prefix: queuePrefix(connections.worker, prefix, queue),
      concurrency: concurrency[name],
      lockDuration: lockDurationMs,
      stalledInterval: lockDurationMs,
      maxStalledCount: STALLS_ALLOWED,
      runRetryDelay: FETCH_RETRY_PAUSE_MS,
      limiter: NO_LIMITER,
      // BullMQ counts the jobs that end, from which the api estimates the time to drain.
      metrics: { maxDataPoints: 1 },
    });
    this.#watch(worker);
    this.#workers.set(queue, worker);
    return worker;
  }

  async #process(worker: ResilientWorker, job: Job, token = ''): Promise<void> {
    try {
      const read = readJob(job);
      if (read.is === 'foreign') return await this.#refuse(worker, job, read.reason);
      const handler = this.#handlers.get(job.name);
      if (!handler && mayBeNewer(job)) return await delayUnknown(job, token);
      if (!handler)
        return await this.#refuse(worker, job, `no process handles the job ${job.name}`);
      await handler.run(job.data, job.queueName);
    } catch (error) {
      if (error instanceof RateLimited) {
        await worker.getBackend().setRateLimit(error.forMs);
        throw new RateLimitError();
      }
      await throwForBullMQ(error, job, token);
    }
  }

  async #refuse(worker: ResilientWorker, job: Job, reason: string): Promise<never> {
    if (isRefusalRecord(job))
      throw new UnrecoverableError('it was rejected before and contains nothing');
    try {
      await removeRefused(worker, job.id ?? '', reason);
    } catch (error) {
      // Does not count as an attempt: after the last one BullMQ would store the job unchanged.
      throw new Unavailable('redis_away', 'a job could not be rejected', { cause: error });
    }
    this.#options.log.error({ queue: worker.name, reason }, 'a job was refused, and removed');
    throw new DelayedError();
  }

  #watch(worker: ResilientWorker): void {
    const { log } = this.#options;
    worker.on('failed', (job, error) => {
      const isFinal = job?.finishedOn !== undefined;
      const fields = { queue: worker.name, job: job?.id, attempts: job?.attemptsMade, err: error };
      if (isFinal) log.error(fields, 'job failed for good');
      else log.warn(fields, 'job failed and will be retried');
    });
    worker.on('stalled', (job) =>
      log.warn({ queue: worker.name, job }, 'job returned from a dead process'),
    );
    worker.onReturned = (jobs) =>
      log.warn(
        { queue: worker.name, jobs },
        'jobs whose delivery was lost were returned to the queue',
      );
    // RedisConnections reports lost connections once.
    worker.on('error', (error) => log.debug({ queue: worker.name, err: error }, 'worker error'));
  }
}

function handlersByName(handlers: readonly JobHandler[]): ReadonlyMap<string, JobHandler> {
  const byName = new Map(handlers.map((handler) => [handler.name, handler]));
  const missing = jobNames.filter((name) => !byName.has(name));
  const doubled = handlers.filter((handler) => byName.get(handler.name) !== handler);
  if (missing.length > 0 || doubled.length > 0) {
    const twice = doubled.map(({ name }) => name);
    throw new InvariantViolation(
      'job_handlers',
      `jobs without a handler: ${missing.join(', ') || 'none'}; with two: ${twice.join(', ') || 'none'}`,
    );
  }
  return byName;
}
