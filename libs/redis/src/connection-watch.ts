// Notices that a connection has gone silent. TCP does not: behind a firewall that has forgotten the
// connection, or a proxy that leads to a server that is no more, both ends wait for ever. A
// connection that is asked something and says nothing for too long is destroyed; ioredis then opens
// a new one.
import type { Redis } from 'ioredis';

/** How a connection is watched. */
export interface WatchOptions {
  /** Looks without a word from Redis after which the connection counts as silent. */
  readonly silentLooks: number;
  /** Asks Redis something, so that an idle connection has a reason to speak. */
  readonly ask: (redis: Redis) => Promise<unknown>;
  /** Told how each question ended: with an error, or with `undefined` when all was well. */
  readonly onAnswer?: (error: unknown) => void;
}

/** One connection's watch. `look()` is called once a second by whoever holds the connections. */
export class ConnectionWatch {
  #stream: Redis['stream'] | undefined;
  #bytesRead = 0;
  #silentLooks = 0;
  #isAsking = false;

  constructor(
    readonly redis: Redis,
    private readonly options: WatchOptions,
  ) {}

  /**
   * Whether Redis has spoken since the last look but one, or has not been connected long enough to
   * be silent.
   */
  get isHeard(): boolean {
    return this.redis.status === 'ready' && this.#silentLooks < this.options.silentLooks - 1;
  }

  /**
   * Looks once, and resolves with true when the connection was silent and has been destroyed. Looks
   * are counted and not the time between them: a process that was stopped reads what came meanwhile
   * before it looks again.
   */
  look(): boolean {
    const { status, stream } = this.redis;
    if (status !== 'ready' && status !== 'connect') {
      this.#silentLooks = 0;
      return false;
    }
    if (stream !== this.#stream || stream.bytesRead !== this.#bytesRead) this.#silentLooks = 0;
    else this.#silentLooks += 1;
    this.#stream = stream;
    this.#bytesRead = stream.bytesRead;
    if (this.#silentLooks >= this.options.silentLooks) {
      this.drop();
      return true;
    }
    if (status === 'ready') this.#ask();
    return false;
  }

  /** Destroys the connection without a goodbye, which could not arrive. A new one is opened. */
  drop(): void {
    this.#silentLooks = 0;
    this.redis.stream.destroy();
  }

  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { ask, onAnswer } = this.options;
    ask(this.redis)
      .then(
        () => onAnswer?.(undefined),
        (error: unknown) => onAnswer?.(error),
      )
      .finally(() => {
        this.#isAsking = false;
      });
  }
}
