// A BullMQ worker that outlives what may happen to its Redis: it does not spin while its questions
// are refused, it gives back jobs that it was handed and never heard of, and its close has a limit.
import { type Job, type JobJson, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { within } from '@quittance/platform';
import { refusalOf } from './refusals.js';
import { removeRefused } from './refused-jobs.js';

/**
 * BullMQ asks again at once after an error that is no broken connection, such as a refusal:
 * thousands of times a second.
 */
const REFUSED_PAUSE_MS = 1000;
/** How often it is looked for jobs that are not in hand. */
const LOOK_EVERY_MS = 2000;
/** The longest wait for Redis to hear that a worker leaves without its jobs. */
const LEAVE_LIMIT_MS = 1000;

/** See the top of this file. */
export class PatientWorker extends Worker {
  readonly #unheard = new UnheardJobs();
  #timer: NodeJS.Timeout | undefined;

  /** Told of the jobs that were given back. */
  onGivenBack: (ids: readonly string[]) => void = () => {};

  constructor(
    name: string,
    processor: Processor,
    options: WorkerOptions & { readonly connection: Redis },
  ) {
    super(name, processor, options);
    this.#lookLater();
  }

  /**
   * Takes no more jobs and waits for those in hand. Resolves with false when `limitMs` was not
   * enough for them.
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

  /**
   * Ends timers and connections and stops renewing locks, so that another process takes the jobs
   * up.
   */
  async #leave(): Promise<void> {
    await this.pause(true);
    await this.lockManager.close();
    const backend = this.getBackend();
    await backend.disconnectBlocking(false);
    await backend.close(true);
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      if (!this.closing && refusalOf(error)) await this.delay(REFUSED_PAUSE_MS);
      throw error;
    }
  }

  /**
   * A job whose data is no JSON would fail its worker again and again, and never leave; it is
   * handed out with none.
   */
  protected override createJob(data: JobJson, jobId: string): Job {
    try {
      return super.createJob(data, jobId);
    } catch {
      return super.createJob({ ...data, data: 'null' }, jobId);
    }
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  async #look(): Promise<void> {
    if (this.closing) return;
    try {
      const inHand = new Set(this.lockManager.getTrackedJobIds());
      const given = await this.#unheard.giveBack(this, inHand);
      if (given.length > 0) this.onGivenBack(given);
    } catch (error) {
      // Redis is away: whatever there is to give back is still there when it is back.
      if (!this.closing && error instanceof Error) this.emit('error', error);
    }
    if (!this.closing) this.#lookLater();
  }
}

/**
 * Looks at which a job must have been missing from our hands. Its answer, or its end, may be under
 * way at one of them.
 */
const LOOKS = 2;

/** What BullMQ parses of a job before it hands it out. */
const PARSED = ['opts', 'progress', 'parent'] as const;

/** What one worker was handed unheard. */
export class UnheardJobs {
  readonly #seen = new Map<string, number>();

  /**
   * Gives back the jobs that are locked by `worker` and were not `inHand` at this look nor the one
   * before. Resolves with their ids. One that BullMQ could not read, and would hand out for ever,
   * is removed. Rejects while Redis is away. A job that was in hand after all is done twice, which
   * is harmless: who may do what a job is about is decided in Postgres.
   */
  async giveBack(worker: Worker, inHand: ReadonlySet<string>): Promise<readonly string[]> {
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
    const given: string[] = [];
    for (const { id, token } of missing) {
      const looks = (this.#seen.get(id) ?? 0) + 1;
      this.#seen.set(id, looks);
      if (looks < LOOKS) continue;
      this.#seen.delete(id);
      const parts = await client.hmget(worker.toKey(id), ...PARSED);
      if (!parts.every(isJson)) {
        await removeRefused(worker, id, 'it cannot be parsed');
        continue;
      }
      await worker.getBackend().moveJobFromActiveToWait(id, token);
      given.push(id);
    }
    return given;
  }
}

function isJson(text: string | null): boolean {
  try {
    if (text) JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
