// Detects a connection that has gone silent. TCP does not: behind a firewall that has dropped the
// connection, or a proxy to a server that is gone, both ends wait for ever. The watch pings the
// connection, and destroys it when nothing arrives for too long. ioredis then opens a new one.
import type { Redis } from 'ioredis';

/** Settings of one watch. */
export interface WatchOptions {
  /** Number of checks without incoming bytes after which the connection counts as silent. */
  readonly silentChecks: number;
  /** Sends Redis a command, so that an idle connection receives bytes. */
  readonly ping: (redis: Redis) => Promise<unknown>;
  /** Receives the result of each command: an error, or `undefined` on success. */
  readonly onReply?: (error: unknown) => void;
}

/** Watches one connection. The owner calls `check()` once a second. */
export class ConnectionWatch {
  #stream: Redis['stream'] | undefined;
  #bytesRead = 0;
  #silentChecks = 0;
  #isPinging = false;

  constructor(
    readonly redis: Redis,
    private readonly options: WatchOptions,
  ) {}

  /**
   * True when the connection is ready and has received bytes recently, or has not been open long
   * enough to count as silent.
   */
  get isResponsive(): boolean {
    return this.redis.status === 'ready' && this.#silentChecks < this.options.silentChecks - 1;
  }

  /**
   * Checks once. Returns true when the connection was silent and has been destroyed. The watch
   * counts checks instead of time, because a suspended process reads the bytes that arrived
   * meanwhile before it checks again.
   */
  check(): boolean {
    const { status, stream } = this.redis;
    if (!hasStream(this.redis)) {
      this.#silentChecks = 0;
      return false;
    }
    if (stream !== this.#stream || stream.bytesRead !== this.#bytesRead) this.#silentChecks = 0;
    else this.#silentChecks += 1;
    this.#stream = stream;
    this.#bytesRead = stream.bytesRead;
    if (this.#silentChecks >= this.options.silentChecks) {
      this.drop();
      return true;
    }
    if (status === 'ready') this.#ping();
    return false;
  }

  /**
   * Destroys the connection, if there is one, without QUIT, which could not arrive. ioredis opens a
   * new one.
   */
  drop(): void {
    this.#silentChecks = 0;
    // Until a Sentinel has named a primary, a connection has no stream.
    if (hasStream(this.redis)) this.redis.stream.destroy();
  }

  #ping(): void {
    if (this.#isPinging) return;
    this.#isPinging = true;
    const { ping, onReply } = this.options;
    ping(this.redis)
      .then(
        () => onReply?.(undefined),
        (error: unknown) => onReply?.(error),
      )
      .finally(() => {
        this.#isPinging = false;
      });
  }
}

const hasStream = ({ status }: Redis) => status === 'ready' || status === 'connect';
