// One BullMQ Queue per name over the producer connection, opened on first use: lanes appear at run
// time, and all users of a queue (producer, metrics, queue board) must share it.
import { Queue } from 'bullmq';
import { queuePrefix, type RedisConnections } from '@quittance/redis';

/**
 * BullMQ writes three stream entries per job for listeners that Quittance does not have. It has no
 * option to write none; a short stream bounds their memory.
 */
const EVENT_STREAM_LENGTH = 100;

/** The queues of one process, by name. */
export class QueueRegistry {
  readonly #queues = new Map<string, Queue>();

  /** `prefix` is the first part of every key in Redis, e.g. `quittance`. */
  constructor(
    private readonly connections: Pick<RedisConnections, 'producer'>,
    readonly prefix: string,
  ) {}

  /**
   * Returns the queue of that name, e.g. `submission-default` or `events-orders`. A queue costs
   * nothing until it is used.
   */
  get(name: string): Queue {
    const existing = this.#queues.get(name);
    if (existing) return existing;
    const connection = this.connections.producer;
    const queue = new Queue(name, {
      connection,
      prefix: queuePrefix(connection, this.prefix, name),
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
      // Without these a queue opened while Redis is unavailable would never work, because BullMQ
      // attempts its set-up only once.
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    // Every failure also rejects its call, and RedisConnections reports lost connections.
    queue.on('error', () => undefined);
    this.#queues.set(name, queue);
    return queue;
  }

  /** Returns the names of the queues opened so far. */
  names(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /** Closes the queues. RedisConnections closes the connection under them. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    this.#queues.clear();
  }
}
