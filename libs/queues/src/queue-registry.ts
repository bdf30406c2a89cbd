// One BullMQ Queue per name over the producer connection, opened when first asked for: lanes appear
// at run time, and whoever looks at queues (metrics, ops pages) must see the same ones.
import { Queue } from 'bullmq';
import type { RedisConnections } from '@quittance/redis';

/**
 * BullMQ writes three stream entries a job for listeners we do not have. It cannot be told not to;
 * a short stream keeps their memory flat.
 */
const EVENT_STREAM_LENGTH = 100;

/** The queues of one process, by name. */
export class QueueRegistry {
  readonly #queues = new Map<string, Queue>();

  /** `prefix` is the first part of every key in Redis, e.g. `quittance`. */
  constructor(
    private readonly connections: RedisConnections,
    readonly prefix: string,
  ) {}

  /**
   * The queue of that name, e.g. `submission-default` or `events-orders`. Costs nothing until it is
   * used.
   */
  get(name: string): Queue {
    const existing = this.#queues.get(name);
    if (existing) return existing;
    const queue = new Queue(name, {
      connection: this.connections.producer,
      prefix: this.prefix,
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
      // Otherwise a queue opened while Redis is away would never work again: its set-up is tried
      // once.
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    // Every failure also rejects the call it belongs to, and lost connections are reported by
    // RedisConnections.
    queue.on('error', () => undefined);
    this.#queues.set(name, queue);
    return queue;
  }

  /** Names of the queues opened so far. */
  names(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /** Lets go of the queues; the connection under them is closed by RedisConnections. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    this.#queues.clear();
  }
}
