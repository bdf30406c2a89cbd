// Announces changed payments to other processes over Redis pub/sub, so that a long poll reads the
// payment at once instead of at its next interval. An announcement is a hint that may be lost, late
// or wrong; the long poll reads Postgres either way.
import { type Logger } from '@quittance/platform';
import type { RedisConnections } from '@quittance/redis';

const SEPARATOR = ',';

/** Announces changes and waits for announcements. */
export class ChangeSignal {
  readonly #connections: RedisConnections;
  readonly #channel: string;
  readonly #log: Logger;
  readonly #waiters = new Map<string, Set<() => void>>();
  #isSubscribed = false;

  /** `prefix` is the first part of every name in Redis. */
  constructor(connections: RedisConnections, prefix: string, log: Logger) {
    this.#connections = connections;
    this.#channel = `${prefix}-changed`;
    this.#log = log;
  }

  /** Announces to every process, in one message, that these changed. Never rejects. */
  async announce(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    try {
      await this.#connections.producer.publish(this.#channel, ids.join(SEPARATOR));
    } catch (error) {
      this.#log.debug({ err: error }, 'a change could not be announced');
    }
  }

  /**
   * Resolves with true when a change of `id` is announced, with false after `timeoutMs` or when
   * `signal` aborts. Call it before reading the record: a change between the read and the call
   * would be missed.
   */
  waitFor(id: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    this.#subscribe();
    return new Promise((resolve) => {
      const end = (isAnnounced: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#forget(id, wake);
        resolve(isAnnounced);
      };
      const wake = () => end(true);
      const giveUp = () => end(false);
      const timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp);
      const others = this.#waiters.get(id);
      if (others) others.add(wake);
      else this.#waiters.set(id, new Set([wake]));
    });
  }

  #forget(id: string, wake: () => void): void {
    const waiters = this.#waiters.get(id);
    waiters?.delete(wake);
    if (waiters?.size === 0) this.#waiters.delete(id);
  }

  /** Opens the connection on the first wait, because most processes never wait. */
  #subscribe(): void {
    if (this.#isSubscribed) return;
    this.#isSubscribed = true;
    const { subscriber } = this.#connections;
    subscriber.on('message', (_channel, message) => this.#wake(message));
    subscriber.subscribe(this.#channel).catch((error: unknown) => {
      this.#isSubscribed = false;
      this.#log.debug({ err: error }, 'could not subscribe to changes');
    });
  }

  #wake(message: string): void {
    if (this.#waiters.size === 0) return;
    for (const id of message.split(SEPARATOR)) {
      for (const wake of this.#waiters.get(id) ?? []) wake();
    }
  }
}
