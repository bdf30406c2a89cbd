// Lists the queues: one per lane in use, one per subscriber, and those of every deployment.
import { subscriberQueue } from '@quittance/events';
import { jobQueueNames } from '@quittance/queues';

/** Lanes change only when a terminal is added or moved. */
const CACHE_MS = 5_000;

export class QueueNames {
  #names: readonly string[] = [];
  #readAt = -Infinity;

  /** `terminals` lists the lanes in use. */
  constructor(
    private readonly terminals: { lanes(): Promise<readonly string[]> },
    private readonly subscribers: readonly string[],
  ) {}

  /** Resolves with the names; while Postgres is unavailable, with the last known ones. */
  async list(): Promise<readonly string[]> {
    if (performance.now() - this.#readAt > CACHE_MS) {
      this.#readAt = performance.now();
      this.#names = await this.#read().catch(() => this.#names);
    }
    return this.#names;
  }

  async #read(): Promise<string[]> {
    const jobs = jobQueueNames(await this.terminals.lanes());
    return [...jobs, ...this.subscribers.map(subscriberQueue)];
  }
}
