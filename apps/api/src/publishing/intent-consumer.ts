// Consumes published payments. Publishers are other services: the consumer decides on retries and
// retention, ends each job with a result or a problem document, and erases the data of every job
// that it refuses. A payment is stored in Postgres before its job completes, so a job that runs
// again finds it.
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import {
  crashPoint,
  describeError,
  InvalidRequest,
  Logger,
  newId,
  PeriodicTask,
  Unavailable,
} from '@quittance/platform';
import { postgresCheck } from '@quittance/postgres';
import { INTENTS_QUEUE, RedisConnections, RedisSettings } from '@quittance/queues';
import { isRefusalRecord, queuePrefix, ResilientWorker } from '@quittance/redis';
import { outlineOf, problemOf } from '@quittance/server';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { Pool } from 'pg';
import { translate } from '../requests/database-unavailable.filter.js';
import { IntentPublication, type Publication } from './intent-publication.js';
import { ErasureFailed, eraseJobData, removeJob } from './job-data.js';
import {
  ATTEMPTS,
  DATA_ERASED,
  hasCardBesideData,
  mustErase,
  OUR_OPTIONS,
} from './published-job.js';

/** As many as one statement stores. */
const JOBS_AT_ONCE = 100;
const LOCK_MS = 30_000;
/** A job whose process died more often than this is the likely cause. */
const STALLS_ALLOWED = 3;
/** Replaces BullMQ's default of 15 s after a failed fetch, far longer than a restart of Redis. */
const FETCH_RETRY_PAUSE_MS = 1_000;
const CHECK_EVERY_MS = 1_000;
/** Below the lock's duration: an abandoned job comes back once its lock has expired. */
const STOP_LIMIT_MS = 10_000;
/** Jobs that are delayed together do not return together. */
const SPREAD_MS = 1_000;

/** The end of a refused job. Its message is the problem document. */
class Refusal extends UnrecoverableError {}

@Injectable()
export class IntentConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #checkPostgres: () => Promise<void>;
  readonly #check: PeriodicTask;
  #worker: ResilientWorker | undefined;

  constructor(
    private readonly publication: IntentPublication,
    private readonly redis: RedisConnections,
    private readonly settings: RedisSettings,
    private readonly log: Logger,
    pool: Pool,
  ) {
    this.#checkPostgres = postgresCheck(pool);
    this.#check = new PeriodicTask({
      name: 'taking published payments',
      everyMs: CHECK_EVERY_MS,
      run: () => this.pauseWithoutPostgres(),
      startsLater: true,
      log,
    });
  }

  onApplicationBootstrap(): void {
    const process = (job: Job, token?: string) => this.#process(worker, job, token);
    const worker: ResilientWorker = new ResilientWorker(INTENTS_QUEUE, process, {
      connection: this.redis.worker,
      prefix: queuePrefix(this.redis.worker, this.settings.prefix, INTENTS_QUEUE),
      concurrency: JOBS_AT_ONCE,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
      maxStalledCount: STALLS_ALLOWED,
      runRetryDelay: FETCH_RETRY_PAUSE_MS,
    });
    this.#watch(worker);
    this.#worker = worker;
    this.#check.start();
  }

  /** Stops taking jobs and finishes those in hand. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#check.stop();
    if (!this.#worker || (await this.#worker.closeWithin(STOP_LIMIT_MS))) return;
    this.log.warn({ queue: INTENTS_QUEUE }, 'jobs in hand were abandoned');
  }

  /** Takes no jobs while this process cannot reach Postgres, so that others take them. */
  async pauseWithoutPostgres(): Promise<void> {
    const isAway = await this.#checkPostgres().then(
      () => false,
      () => true,
    );
    if (isAway) await this.#worker?.pause(true);
    else await this.#worker?.resume();
  }

  async #process(worker: ResilientWorker, job: Job, token = ''): Promise<Publication> {
    // BullMQ reads the options from the job when it ends: its publisher's have no effect.
    Object.assign(job.opts, OUR_OPTIONS);
    try {
      return await this.#publish(worker, job);
    } catch (error) {
      return await this.#end(worker, { job, token, error: translate(error) });
    }
  }

  async #publish(worker: ResilientWorker, job: Job): Promise<Publication> {
    if (isRefusalRecord(job)) throw new Refusal('it was rejected before and contains nothing');
    if (hasCardBesideData(job)) {
      await removeJob(worker, job, 'a card number beside its data');
      this.log.error({ queue: INTENTS_QUEUE }, 'a job was refused, and removed');
      throw new DelayedError();
    }
    if (mustErase(job)) await eraseJobData(worker, job);
    const published = await this.publication.accept(job);
    crashPoint('publishing.before-completion');
    return published;
  }

  async #end(worker: ResilientWorker, run: FailedRun): Promise<never> {
    const { job, token, error } = run;
    // BullMQ already has the job in its final place.
    if (error instanceof DelayedError || error instanceof UnrecoverableError) throw error;
    const isGone = mustErase(job) && !(error instanceof ErasureFailed);
    if (error instanceof Unavailable && !isGone) {
      const pauseMs = (error.retryAfterSeconds ?? 1) * 1_000 + Math.random() * SPREAD_MS;
      await job.moveToDelayed(Date.now() + pauseMs, token);
      throw new DelayedError();
    }
    const refused =
      error instanceof Unavailable ? InvalidRequest.validationFailed([DATA_ERASED]) : error;
    const problem = problemOf(outlineOf(refused), newId('req'));
    const { status, code, request_id: requestId } = problem;
    if (status < 500)
      this.log.debug({ requestId, status, code }, 'a published payment was refused');
    else this.log.error({ requestId, err: describeError(error) }, 'a published payment failed');
    const isRetried = status >= 500 && !isGone && job.attemptsMade + 1 < ATTEMPTS;
    if (isRetried) throw new Error(JSON.stringify(problem));
    try {
      await eraseJobData(worker, job);
    } catch (erasure) {
      return await this.#end(worker, { ...run, error: erasure });
    }
    throw new Refusal(JSON.stringify(problem));
  }

  #watch(worker: ResilientWorker): void {
    worker.on('completed', () => crashPoint('publishing.after-completion'));
    worker.on('failed', (job, error) => {
      if (job?.finishedOn === undefined || error instanceof Refusal) return;
      // BullMQ gave it up: its process died too often, for example.
      this.log.error({ queue: worker.name, reason: describeError(error) }, 'job failed for good');
      void eraseJobData(worker, job).catch(() => undefined);
    });
    worker.on('stalled', () =>
      this.log.warn({ queue: worker.name }, 'job returned from a dead process'),
    );
    worker.onReturned = (jobs) =>
      this.log.warn(
        { queue: worker.name, count: jobs.length },
        'jobs whose delivery was lost were returned',
      );
    // RedisConnections reports lost connections once.
    worker.on('error', (error) =>
      this.log.debug({ queue: worker.name, err: error }, 'worker error'),
    );
  }
}

interface FailedRun {
  readonly job: Job;
  readonly token: string;
  readonly error: unknown;
}
