// Which queues there are: one per lane in use, one per subscriber, and those every deployment has.
import { subscriberQueue } from '@quittance/events';
import type { TerminalsWithoutKeys } from '@quittance/persistence';
import { jobNames, JOBS, queueOf } from '@quittance/queues';

/** Lanes change when a terminal is added: once in a while. */
const CACHE_MS = 5_000;

export class QueueNames {
  readonly #terminals: TerminalsWithoutKeys;
  readonly #subscribers: readonly string[];
  #names: readonly string[] = [];
  #readAt = -Infinity;

  constructor(terminals: TerminalsWithoutKeys, subscribers: readonly string[]) {
    this.#terminals = terminals;
    this.#subscribers = subscribers;
  }

  /** While Postgres is away, the names as they were known last. */
  async list(): Promise<readonly string[]> {
    if (performance.now() - this.#readAt > CACHE_MS) {
      this.#readAt = performance.now();
      this.#names = await this.#read().catch(() => this.#names);
    }
    return this.#names;
  }

  async #read(): Promise<string[]> {
    const lanes = await this.#terminals.lanes();
    const jobs = jobNames.flatMap((name) =>
      JOBS[name].hasLanes ? lanes.map((lane) => queueOf(name, lane)) : [queueOf(name)],
    );
    return [...new Set([...jobs, ...this.#subscribers.map(subscriberQueue)])];
  }
}
