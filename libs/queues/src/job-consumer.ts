// Takes jobs off their queues and hands their payload to the one handler each has. It knows about
// locks, retries and stopping in order, so that a handler is only what the job is about.
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import {
  describeError,
  Fault,
  idPattern,
  InvariantViolation,
  type Logger,
  Unavailable,
} from '@quittance/platform';
import {
  isRefusalRecord,
  unexpectedParts,
  ResilientWorker,
  type RedisConnections,
  removeRefused,
  shownNames,
} from '@quittance/redis';
import { type JobName, jobNames, type JobPayload, JOBS, queueOf } from './jobs.js';

/** What is done for a job. Build one with {@link handleJob}. */
export interface JobHandler {
  readonly name: JobName;
  readonly run: (payload: unknown, queue: string) => Promise<void>;
}

/**
 * The handler of a job: `run` gets the payload, already checked, and may be called again with the
 * same one. `queue` is the one the job waited in.
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

/** How jobs are taken. */
export interface JobConsumerOptions {
  readonly connections: RedisConnections;
  /** First part of every key in Redis; the same as the producer's. */
  readonly prefix: string;
  readonly log: Logger;
  /** One for every job of the table. */
  readonly handlers: readonly JobHandler[];
  /** Most jobs handled at once, per queue (each lane is one). */
  readonly concurrency: Readonly<Record<JobName, number>>;
  /**
   * How long a job stays ours without a sign of life, in milliseconds; renewed at half time while
   * the process lives. Must exceed the longest pause of the event loop, not the longest job.
   * Default 30 s.
   */
  readonly lockDurationMs?: number;
}

const LOCK_DURATION_MS = 30_000;

/**
 * A job whose process died this often is the likely cause of it; Postgres still knows that it is
 * due.
 */
const STALLS_ALLOWED = 3;

/** BullMQ waits 15 s after a failed fetch: far longer than Redis takes to restart. */
const FETCH_RETRY_PAUSE_MS = 1000;

/** The workers of one process; see the top of this file. */
export class JobConsumer {
  readonly #options: JobConsumerOptions;
  readonly #handlers: ReadonlyMap<string, JobHandler>;
  readonly #workers = new Map<string, ResilientWorker>();
  #isClosing = false;

  /** Throws {@link InvariantViolation} when a job of the table has no handler, or more than one. */
  constructor(options: JobConsumerOptions) {
    this.#options = options;
    this.#handlers = handlersByName(options.handlers);
  }

  /** Starts taking the jobs that have no lanes. */
  start(): void {
    for (const name of jobNames) if (!JOBS[name].hasLanes) this.#startWorker(name, queueOf(name));
  }

  /** Starts taking the jobs of a lane; does nothing when it is running already. */
  startLane(lane: string): void {
    for (const name of jobNames)
      if (JOBS[name].hasLanes) this.#startWorker(name, queueOf(name, lane));
  }

  /** Names of the queues whose jobs are taken here. */
  queueNames(): readonly string[] {
    return [...this.#workers.keys()];
  }

  /** Takes no more jobs and resolves when those in hand have ended; with `waits: false` at once. */
  async pause({ waits }: { readonly waits: boolean } = { waits: true }): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.pause(!waits)));
  }

  /** Takes jobs again after {@link pause}. */
  async resume(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.resume()));
  }

  /**
   * Takes no more jobs and waits for those in hand, at most `limitMs`. Choose it below the lock's
   * duration: a job abandoned here comes back once its lock has run out.
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

  #startWorker(name: JobName, queue: string): void {
    if (this.#isClosing || this.#workers.has(queue)) return;
    const { connections, prefix, concurrency, lockDurationMs = LOCK_DURATION_MS } = this.#options;
    const process = (job: Job, token?: string) => this.#process(worker, job, token);
    const worker: ResilientWorker = new ResilientWorker(queue, process, {
      connection: connections.worker,
      prefix,
      concurrency: concurrency[name],
      lockDuration: lockDurationMs,
      stalledInterval: lockDurationMs,
      maxStalledCount: STALLS_ALLOWED,
      runRetryDelay: FETCH_RETRY_PAUSE_MS,
    });
    this.#watch(worker);
    this.#workers.set(queue, worker);
  }

  async #process(worker: ResilientWorker, job: Job, token = ''): Promise<void> {
    try {
      const read = readJob(job);
      if (read.is === 'foreign') return await this.#refuse(worker, job, read.reason);
      const handler = this.#handlers.get(job.name);
      if (!handler && mayBeNewer(job)) return await leaveToOthers(job, token);
      if (!handler) return await this.#refuse(worker, job, `no process knows the job ${job.name}`);
      await handler.run(job.data, job.queueName);
    } catch (error) {
      await throwForBullMQ(error, job, token);
    }
  }

  async #refuse(worker: ResilientWorker, job: Job, reason: string): Promise<never> {
    if (isRefusalRecord(job))
      throw new UnrecoverableError('it was refused before; it holds nothing');
    try {
      await removeRefused(worker, job.id ?? '', reason);
    } catch (error) {
      // Not with BullMQ's count of tries: at their end the job would be kept as it is.
      throw new Unavailable('redis_away', 'a job could not be refused', { cause: error });
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
      else log.warn(fields, 'job failed, will be tried again');
    });
    worker.on('stalled', (job) =>
      log.warn({ queue: worker.name, job }, 'job came back from a dead process'),
    );
    worker.onReturned = (jobs) =>
      log.warn({ queue: worker.name, jobs }, 'jobs whose handing over was lost were given back');
    // Lost connections are reported once, by RedisConnections.
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

/**
 * A dependency that is away is not the job's failure: it comes back after this, as often as it
 * takes.
 */
const UNAVAILABLE_PAUSE_MS = 2000;

/**
 * While a deploy goes on, a job of the new version may be handed to an old process; a new one takes
 * it after this.
 */
const UNKNOWN_PAUSE_MS = 2000;
/** Longer than any deploy: what nobody knows by then is for a person to look at. */
const UNKNOWN_FOR_MS = 3_600_000;

/**
 * Translates what a handler threw and throws what BullMQ understands. `unavailable`: the job waits,
 * and the try does not count. Any other fault will not mend itself: the failed set, at once. Any
 * other error: another try after a pause, until the job's attempts are used up. What is stored with
 * the job is the description of the error, which leaves out rows, parameters and requests.
 */
export async function throwForBullMQ(error: unknown, job: Job, token: string): Promise<never> {
  // Already put where it belongs.
  if (error instanceof DelayedError || error instanceof UnrecoverableError) throw error;
  if (error instanceof Unavailable) {
    const pauseMs = (error.retryAfterSeconds ?? 0) * 1000 || UNAVAILABLE_PAUSE_MS;
    await job.moveToDelayed(Date.now() + pauseMs, token);
    throw new DelayedError();
  }
  const { type, message, stack = '' } = describeError(error);
  const told = `${type}: ${message}`;
  const translated = error instanceof Fault ? new UnrecoverableError(told) : new Error(told);
  translated.stack = `${told}\n${stack}`;
  throw translated;
}

/**
 * Whether a job that this process has no handler for may be one of a process that is newer; not for
 * ever, nor of tomorrow.
 */
function mayBeNewer({ timestamp }: Job): boolean {
  return Math.abs(Date.now() - timestamp) < UNKNOWN_FOR_MS;
}

/**
 * Puts a job back that this process has no handler for. In the failed set its id would keep the
 * payment's step from being enqueued again.
 */
async function leaveToOthers(job: Job, token: string): Promise<never> {
  await job.moveToDelayed(Date.now() + UNKNOWN_PAUSE_MS, token);
  throw new DelayedError();
}

/** `ours` is handled here, `newer` by a process of a later version, and `foreign` by none. */
export type ReadJob =
  { readonly is: 'ours' | 'newer' } | { readonly is: 'foreign'; readonly reason: string };

/** As every row of the job table is named. */
const NAME = /^[a-z]{1,20}\.[a-z]{1,20}\.v\d{1,2}$/;
/** Ids of the things that jobs are about: `pi_`, `re_` and what may come. */
const ID = idPattern('[a-z]{2,8}');
const ID_FIELD = /^[a-z][A-Za-z]{0,30}Id$/;
const FIELDS_MAX = 5;

/** Reads a job; the reason of a foreign one names fields and never what is in them. */
export function readJob(job: Job): ReadJob {
  const reason = foreignness(job);
  if (reason !== undefined) return { is: 'foreign', reason };
  return { is: isKnown(job.name) ? 'ours' : 'newer' };
}

function isKnown(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

function foreignness(job: Job): string | undefined {
  const { name, data } = job;
  if (typeof name !== 'string' || !NAME.test(name)) return 'its name is not one of a job';
  const payload = isKnown(name) ? knownFaults(name, data) : unknownFaults(data);
  if (payload !== undefined) return `${name} cannot be read: ${payload}`;
  const odd = unexpectedParts(job);
  return odd === undefined ? undefined : `${name} cannot be read: ${odd}`;
}

function knownFaults(name: JobName, data: unknown): string | undefined {
  const parsed = JOBS[name].payload.safeParse(data);
  if (parsed.success) return undefined;
  const told = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `unexpected ${shownNames(issue.keys)}`;
    const [field] = issue.path;
    return field === undefined ? 'it is no object' : `${String(field)} missing or malformed`;
  });
  return told.join('; ');
}

/** The payload of a job that this version does not know: ids, whatever they are called. */
function unknownFaults(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return 'it is no object';
  const odd = Object.entries(data).filter(
    ([field, value]) => !(ID_FIELD.test(field) && typeof value === 'string' && ID.test(value)),
  );
  if (odd.length > 0) return `no id in ${shownNames(odd.map(([field]) => field))}`;
  return Object.keys(data).length > FIELDS_MAX ? 'too many ids' : undefined;
}
