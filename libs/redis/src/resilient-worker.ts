// A BullMQ worker that survives failures of its Redis. It pauses after a refused command, returns
// jobs whose hand-over was lost on the way, and closes within a limit.
import { type Job, type JobJson, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { within } from '@quittance/platform';
import { refusalOf } from './refusals.js';
import { removeRefused } from './refused-jobs.js';

/**
 * Pause after a refused command. BullMQ retries at once after any error that is not a broken
 * connection: thousands of times a second.
 */
const REFUSED_PAUSE_MS = 1000;
/** Interval between searches for lost jobs. */
const SEARCH_EVERY_MS = 2000;
/**
 * The time for which a received job may wait in this process. BullMQ starts the jobs that it has
 * fetched once it has fetched as many as it may, and each fetch is a round trip.
 */
const RECEIVED_FOR_MS = 8000;
/** Limit for unregistering a worker that leaves unfinished jobs behind. */
const LEAVE_LIMIT_MS = 1000;
/** As long as a fetch lasts in Redis, so that a worker under a rate limit shows progress too. */
const RATE_LIMIT_PAUSE_MAX_MS = 10_000;

/** A worker that pauses, recovers lost jobs and closes within a limit. */
export class ResilientWorker extends Worker {
  readonly #lost = new LostJobs();
  /** The jobs that were received and not started yet, with the time of their arrival. */
  readonly #received = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #fetches = 0;
  #isRefused = false;

  /** Called with the ids of the jobs that were returned to the queue. */
  onReturned: (ids: readonly string[]) => void = () => {};

  constructor(
    name: string,
    processor: Processor,
    options: WorkerOptions & { readonly connection: Redis },
  ) {
    const process = (job: Job, token?: string) => {
      this.#received.delete(job.id ?? '');
      return processor(job, token);
    };
    super(name, process, { maximumRateLimitDelay: RATE_LIMIT_PAUSE_MAX_MS, ...options });
    this.#searchLater();
    this.#countWaits();
    this.#announceReturns(options.connection);
  }

  /** The number of fetches that ended, with or without a job. One ends every ten seconds. */
  get fetches(): number {
    return this.#fetches;
  }

  /** True when the last fetch was refused by the Redis that a new connection leads to as well. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** False while this worker takes no jobs: it is paused or closing, or all its slots are taken. */
  get shouldFetch(): boolean {
    const inHand = this.lockManager.getTrackedJobIds().length;
    return !this.closing && !this.isPaused() && inHand < this.concurrency;
  }

  /**
   * Takes no more jobs and waits for those in progress. Resolves with false when they took longer
   * than `limitMs`.
   */
  async closeWithin(limitMs: number): Promise<boolean> {
    clearTimeout(this.#timer);
    try {
      await within(limitMs, this.close());
      return true;
    } catch {
      await within(LEAVE_LIMIT_MS, this.#leave()).catch(() => undefined);
      return false;
    }
  }

  /** Stops timers, connections and lock renewal, so that another process takes over the jobs. */
  async #leave(): Promise<void> {
    await this.pause(true);
    await this.lockManager.close();
    const backend = this.getBackend();
    await backend.disconnectBlocking(false);
    await backend.close(true);
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      const job = await super.moveToActive(token, name);
      this.#fetches += 1;
      this.#isRefused = false;
      return job;
    } catch (error) {
      const refusal = refusalOf(error);
      this.#isRefused = refusal?.mayBeElsewhere === false;
      if (!this.closing && refusal) await this.delay(REFUSED_PAUSE_MS);
      throw error;
    }
  }

  /** No fetch follows a wait that ends with the announcement of a delayed job. */
  #countWaits(): void {
    const backend = this.getBackend();
    const wait = backend.waitForJob.bind(backend);
    backend.waitForJob = async (seconds) => {
      const marker = await wait(seconds);
      if (marker && marker.score > 0) this.#fetches += 1;
      return marker;
    };
  }

  /**
   * BullMQ does not announce a job with a priority that returns to its queue, as under a rate
   * limit. The workers that wait for jobs would notice it when their wait ends, seconds later.
   */
  #announceReturns(redis: Redis): void {
    const backend = this.getBackend();
    const move = backend.moveJobFromActiveToWait.bind(backend);
    backend.moveJobFromActiveToWait = async (id, token) => {
      const limitedForMs = await move(id, token);
      await redis.zadd(this.toKey('marker'), 0, '0');
      return limitedForMs;
    };
  }

  /**
   * A job whose data is not JSON would fail its worker again and again and stay in the queue. It is
   * handed out without data instead.
   */
  protected override createJob(data: JobJson, jobId: string): Job {
    // The end of a job fetches the next one.
    this.#fetches += 1;
    this.#received.set(jobId, performance.now());
    try {
      return super.createJob(data, jobId);
    } catch {
      return super.createJob({ ...data, data: 'null' }, jobId);
    }
  }

  /** Returns the received jobs that wait to be started, and forgets those that never will be. */
  #waiting(): readonly string[] {
    for (const [id, receivedAt] of this.#received)
      if (performance.now() - receivedAt > RECEIVED_FOR_MS) this.#received.delete(id);
    return [...this.#received.keys()];
  }

  #searchLater(): void {
    this.#timer = setTimeout(() => void this.#search(), SEARCH_EVERY_MS).unref();
  }

  async #search(): Promise<void> {
    if (this.closing) return;
    try {
      const inHand = new Set([...this.lockManager.getTrackedJobIds(), ...this.#waiting()]);
      const returned = await this.#lost.returnToQueue(this, inHand);
      if (returned.length > 0) this.onReturned(returned);
    } catch (error) {
      // Redis is unavailable. The lost jobs are still there when it returns.
      if (!this.closing && error instanceof Error) this.emit('error', error);
    }
    if (!this.closing) this.#searchLater();
  }
}

/**
 * Number of consecutive searches in which a job must be missing. At one of them its delivery or its
 * completion may be in flight.
 */
const SEARCHES = 2;

/** Jobs that Redis assigned to a worker in a reply that the worker never received. */
export class LostJobs {
  readonly #seen = new Map<string, number>();

  /**
   * Returns to the queue the jobs that `worker` has locked but that were not `inHand` in this
   * search and the previous one. Resolves with their ids. Removes a job that BullMQ cannot parse
   * and would hand out for ever. Rejects while Redis is unavailable. A job that was in progress
   * after all runs twice, which is harmless, because Postgres decides which run may act.
   */
  async returnToQueue(worker: Worker, inHand: ReadonlySet<string>): Promise<readonly string[]> {
    const client = await worker.getBackend().client;
    const ids = (await client.lrange(worker.toKey('active'), 0, -1)).filter(
      (id) => !inHand.has(id),
    );
    const locks = await Promise.all(ids.map((id) => client.get(`${worker.toKey(id)}:lock`)));
    const missing = ids.flatMap((id, at) => {
      const token = locks[at];
      return token?.startsWith(`${worker.id}:`) ? [{ id, token }] : [];
    });
    const isMissing = new Set(missing.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!isMissing.has(id)) this.#seen.delete(id);
    const returned: string[] = [];
    for (const { id, token } of missing) {
      const misses = (this.#seen.get(id) ?? 0) + 1;
      this.#seen.set(id, misses);
      if (misses < SEARCHES) continue;
      this.#seen.delete(id);
      const [opts = null, schedulerKey, ...parsed] = await client.hmget(worker.toKey(id), ...READ);
      if (!parsed.every(isJson) || !isUsable(parsedObject(opts), Boolean(schedulerKey))) {
        await removeRefused(worker, id, 'it cannot be parsed');
        continue;
      }
      await worker.getBackend().moveJobFromActiveToWait(id, token);
      returned.push(id);
    }
    return returned;
  }
}

/** The fields of a job that BullMQ reads before it hands the job out. */
const READ = ['opts', 'rjk', 'progress', 'parent'] as const;

/**
 * True for options with which BullMQ hands a job out. For a job of a scheduler it first adds the
 * next one, and needs the interval.
 */
function isUsable(opts: object | undefined, hasScheduler: boolean): boolean {
  if (!opts || !hasScheduler) return opts !== undefined;
  const repeat: unknown = 'repeat' in opts ? opts.repeat : undefined;
  return (
    typeof repeat === 'object' && repeat !== null && ('every' in repeat || 'pattern' in repeat)
  );
}

/** The object that a text is as JSON. No text is an empty one, as for BullMQ. */
function parsedObject(text: string | null): object | undefined {
  if (!isJson(text)) return undefined;
  const value: unknown = JSON.parse(text || '{}');
  return typeof value === 'object' && value !== null ? value : undefined;
}

function isJson(text: string | null): boolean {
  try {
    if (text) JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
