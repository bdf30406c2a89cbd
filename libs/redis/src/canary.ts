// A job that a process adds to a queue of its own and consumes itself. It takes the same way as
// every other job, over the same connections, so it passes only if this process can consume.
import { setImmediate } from 'node:timers/promises';
import { newId } from '@quittance/platform';
import { Queue } from 'bullmq';
import { queuePrefix } from './queue-prefix.js';
import type { RedisConnections } from './redis-connections.js';
import { ResilientWorker } from './resilient-worker.js';

/** The options of a {@link Canary}. */
export interface CanaryOptions {
  readonly connections: RedisConnections;
  /** The first part of its keys in Redis, which no other queue has. */
  readonly prefix: string;
  /** Called once the job was handled and Redis has stored that. */
  readonly onPassed: () => void;
}

/** The id of the job. While it waits, a second one is dropped. */
const JOB = 'canary';

/** A process that is killed leaves keys behind. They must outlive every pause of a live process. */
const KEYS_LAST_MS = 600_000;
/** BullMQ writes stream entries that have no reader here. */
const EVENT_STREAM_LENGTH = 10;
/** Replaces BullMQ's default of 15 s after a failed fetch. */
const FETCH_RETRY_PAUSE_MS = 1000;
const CLOSE_LIMIT_MS = 1000;

/** The queue of one process, its consumer, and the job that passes through both. */
export class Canary {
  readonly #connections: RedisConnections;
  readonly #queue: Queue;
  readonly #worker: ResilientWorker;

  constructor({ connections, prefix, onPassed }: CanaryOptions) {
    this.#connections = connections;
    const name = newId('canary');
    const { producer, worker } = connections;
    const own = queuePrefix(producer, prefix, name);
    this.#queue = new Queue(name, {
      connection: producer,
      prefix: own,
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    this.#worker = new ResilientWorker(name, async () => undefined, {
      connection: worker,
      prefix: own,
      runRetryDelay: FETCH_RETRY_PAUSE_MS,
    });
    this.#worker.on('completed', onPassed);
    // RedisConnections reports lost connections, and a job that does not pass is reported itself.
    this.#queue.on('error', () => undefined);
    this.#worker.on('error', () => undefined);
  }

  /** Adds the job, unless one waits already. Rejects while Redis is unavailable. */
  async send(): Promise<void> {
    await this.#connections.settled();
    const options = { jobId: JOB, removeOnComplete: true, removeOnFail: true };
    // Both commands leave at once. A process that is killed now leaves no key without an end.
    await Promise.all([
      this.#queue.add(JOB, {}, options),
      setImmediate().then(() => this.#expireKeys()),
    ]);
  }

  /** Ends the consumer and removes the keys, or leaves them to their end without Redis. */
  async close(): Promise<void> {
    await this.#worker.closeWithin(CLOSE_LIMIT_MS);
    // First: an open queue may still store its settings, which would stay for ever.
    await this.#queue.close();
    await this.#connections.producer.unlink(...this.#keys()).catch(() => undefined);
  }

  async #expireKeys(): Promise<void> {
    const transaction = this.#connections.producer.multi();
    for (const key of this.#keys()) transaction.pexpire(key, KEYS_LAST_MS);
    await transaction.exec();
  }

  #keys(): string[] {
    const job = this.#queue.toKey(JOB);
    return [...Object.values<string>(this.#queue.keys), job, `${job}:lock`];
  }
}
