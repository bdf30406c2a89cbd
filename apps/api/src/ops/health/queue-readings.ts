// The queues' state for the verdict and the page, shared by all open pages: Redis is read once a
// second at most, whatever their number.
import { Injectable } from '@nestjs/common';
import { subscriberQueue } from '@quittance/events';
import { within } from '@quittance/platform';
import { QueueRegistry, type QueueState, readQueueState } from '@quittance/queues';
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
    const names = await this.names.list();
    return Promise.all(names.map((name) => readQueueState(this.queues.get(name))));
  }
}

/** Returns the subscriber that a queue belongs to; undefined for a queue of jobs. */
export function subscriberOf(queue: string): string | undefined {
  const start = subscriberQueue('');
  return queue.startsWith(start) ? queue.slice(start.length) : undefined;
}
