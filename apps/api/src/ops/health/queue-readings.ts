// The queues' state for the verdict and the page, shared by all open pages: Redis is read once a
// second at most, whatever their number.
import { Injectable } from '@nestjs/common';
import { subscriberQueue } from '@quittance/events';
import type { QueueState } from '@quittance/operations';
import { within } from '@quittance/platform';
import { QueueRegistry } from '@quittance/queues';
import { QueueNames } from '@quittance/modules';

const CACHE_MS = 1_000;
const REDIS_WITHIN_MS = 1_500;

@Injectable()
export class QueueReadings {
  #last: Promise<readonly QueueState[] | null> | undefined;
  #readAt = -Infinity;

  constructor(
    private readonly queues: QueueRegistry,
    private readonly names: QueueNames,
  ) {}

  /** Resolves with the state of every queue; null while Redis is unavailable. */
  read(): Promise<readonly QueueState[] | null> {
    if (this.#last === undefined || performance.now() - this.#readAt > CACHE_MS) {
      this.#readAt = performance.now();
      this.#last = within(REDIS_WITHIN_MS, this.#readAll()).catch(() => null);
    }
    return this.#last;
  }

  async #readAll(): Promise<readonly QueueState[]> {
    return Promise.all((await this.names.list()).map((name) => this.#readOne(name)));
  }

  async #readOne(name: string): Promise<QueueState> {
    const queue = this.queues.get(name);
    const [counts, isPaused, workers, oldest] = await Promise.all([
      queue.getJobCounts('waiting', 'prioritized', 'failed'),
      queue.isPaused(),
      queue.getWorkersCount(),
      queue.getJobs(['waiting', 'prioritized'], 0, 0, true),
    ]);
    const { waiting = 0, prioritized = 0, failed = 0 } = counts;
    const addedAt = oldest[0]?.timestamp ?? Date.now();
    return {
      name,
      waiting: waiting + prioritized,
      failed,
      is_paused: isPaused,
      workers,
      oldest_seconds: Math.max(0, Date.now() - addedAt) / 1000,
    };
  }
}

/** Returns the subscriber that a queue belongs to; undefined for a queue of jobs. */
export function subscriberOf(queue: string): string | undefined {
  const start = subscriberQueue('');
  return queue.startsWith(start) ? queue.slice(start.length) : undefined;
}
