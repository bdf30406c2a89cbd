// The connections of one process to Redis, by what they must do when Redis is away: who produces must be told at
// once, who works or listens waits. All reconnect by themselves, and none can end the process.
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger, Secret } from '@quittance/platform';

/** Where Redis is. */
export interface RedisConnectionsOptions {
  /** `redis://` or `rediss://`, with the password if there is one. */
  readonly url: Secret<string>;
  readonly log: Logger;
  /** Longest time a producer waits for one command, in milliseconds. Default 2000. */
  readonly commandTimeoutMs?: number;
}

/** A relay pass or an answer to a caller hangs on it; a Redis that takes longer than this is as good as away. */
const COMMAND_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 2000;

/** Back within a second of Redis's return, without a storm of attempts while it is away. */
const RECONNECT_PAUSE_MAX_MS = 1000;

/** A request waits for the count of its limit; beyond this the process counts alone. Redis answers in well under 5 ms. */
const LIMITER_TIMEOUT_MS = 100;

/** In what the connections differ. */
type Behaviour = Pick<
  RedisOptions,
  'enableOfflineQueue' | 'maxRetriesPerRequest' | 'commandTimeout'
>;

/** Opens connections on first use; `close()` ends them all. */
export class RedisConnections {
  readonly #options: RedisConnectionsOptions;
  readonly #open = new Map<string, Redis>();
  #isAway = false;
  #isClosed = false;

  constructor(options: RedisConnectionsOptions) {
    this.#options = options;
  }

  /** For commands somebody waits for: fails at once while Redis is away, and after the command time-out. */
  get producer(): Redis {
    return this.#connection('producer', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: this.#options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    });
  }

  /** For counting requests: fails at once while Redis is away, and after 100 ms, because somebody waits for the answer. */
  get limiter(): Redis {
    return this.#connection('limiter', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: LIMITER_TIMEOUT_MS,
    });
  }

  /** For BullMQ workers: commands wait until Redis is back. */
  get worker(): Redis {
    return this.#connection('worker', { maxRetriesPerRequest: null });
  }

  /** For pub/sub, which takes a connection over; subscriptions are renewed after a reconnect. */
  get subscriber(): Redis {
    return this.#connection('subscriber', { maxRetriesPerRequest: null });
  }

  /** Resolves when Redis answers; for readiness and for waiting at start. */
  async ping(): Promise<void> {
    const { producer } = this;
    if (producer.status === 'connecting' || producer.status === 'connect') await settled(producer);
    await producer.ping();
  }

  /** Ends every connection. Close workers, producers and signals first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open.values()].map(quit));
  }

  #connection(role: string, options: Behaviour): Redis {
    const existing = this.#open.get(role);
    if (existing) return existing;
    if (this.#isClosed) throw new Error('the connections to Redis are closed');
    const redis = new Redis(this.#options.url.reveal(), {
      ...options,
      connectionName: `quittance-${role}`,
      connectTimeout: CONNECT_TIMEOUT_MS,
      retryStrategy: (times) => Math.min(times * 100, RECONNECT_PAUSE_MAX_MS),
    });
    // An 'error' nobody listens to would end the process. It comes with each failed attempt: say it once.
    redis.on('error', (error: unknown) => this.#reportAway(error));
    redis.on('ready', () => this.#reportBack());
    this.#open.set(role, redis);
    return redis;
  }

  #reportAway(error: unknown): void {
    if (this.#isAway || this.#isClosed) return;
    this.#isAway = true;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    this.#options.log.warn({ code }, 'redis is away');
  }

  #reportBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#options.log.info('redis is back');
  }
}

/** The end of a connection attempt, either way: without an offline queue a command sent before it would fail. */
function settled(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      redis.off('ready', done).off('close', done);
      resolve();
    };
    redis.once('ready', done).once('close', done);
  });
}

async function quit(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => undefined);
  redis.disconnect();
}
