// The connections of one process to Redis, by what they must do when Redis is away: who produces
// must hear it at once, who works or listens waits. All reconnect by themselves, also away from a
// Redis that is silent or no longer takes writes, and none can end the process.
import { Redis, type RedisOptions } from 'ioredis';
import { type Logger, NotReady, OutageLog, type Secret, within } from '@quittance/platform';
import { ConnectionWatch, type WatchOptions } from './connection-watch.js';
import { notReady, refusalOf } from './refusals.js';

/** Where Redis is. */
export interface RedisConnectionsOptions {
  /** `redis://` or `rediss://`, with the password if there is one. */
  readonly url: Secret<string>;
  readonly log: Logger;
  /** Longest time a producer waits for one command, in milliseconds. Default 2000. */
  readonly commandTimeoutMs?: number;
  /**
   * A key that this process may write and never does, to try whether it could. Default
   * `quittance-probe`.
   */
  readonly probeKey?: string;
}

/**
 * A relay pass or an answer to a caller hangs on it; a Redis that takes longer than this is as good
 * as away.
 */
const COMMAND_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 2000;
/** Below the time that /readyz gives a check, so that the answer says why. */
const CHECK_TIMEOUT_MS = 1500;
/** The longest wait for the answer to a goodbye. */
const QUIT_TIMEOUT_MS = 1000;
/** How long the other side has to end a connection that we have ended. */
const DISCONNECT_TIMEOUT_MS = 500;

/** Back within a second of Redis's return, without a storm of attempts while it is away. */
const RECONNECT_PAUSE_MAX_MS = 1000;
/** The pause after a refusal: the address may lead to the same server for a while. */
const REFUSED_PAUSE_MS = 500;

/**
 * A request waits for the count of its limit; beyond this the process counts alone. Redis answers
 * in well under 5 ms.
 */
const LIMITER_TIMEOUT_MS = 100;

/** How often each connection is looked at. */
const LOOK_EVERY_MS = 1000;
/** Longer than a command takes, unless Redis stands still for everybody. */
const SILENT_LOOKS = 3;
/** A blocking command of BullMQ lasts up to ten seconds, and Redis says nothing before it ends. */
const SILENT_LOOKS_BLOCKING = 12;

const ping = (redis: Redis) => redis.ping();

/** In what the connections differ. */
type Behaviour = Pick<
  RedisOptions,
  'enableOfflineQueue' | 'maxRetriesPerRequest' | 'commandTimeout'
>;

interface Held {
  readonly role: string;
  readonly watch: ConnectionWatch;
  /** How the last question ended. */
  error: unknown;
}

/** Opens connections on first use; `close()` ends them all. */
export class RedisConnections {
  readonly #options: RedisConnectionsOptions;
  readonly #open = new Map<string, Redis>();
  readonly #held = new Set<Held>();
  readonly #outage: OutageLog;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: RedisConnectionsOptions) {
    this.#options = options;
    const messages = { failed: 'redis is away', over: 'redis is back' };
    this.#outage = new OutageLog(options.log, 'warn', messages);
  }

  /**
   * For commands that a caller waits for: fails at once while Redis is away, and after the command
   * time-out.
   */
  get producer(): Redis {
    return this.#connection('producer', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: this.#options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    });
  }

  /**
   * For counting requests: fails at once while Redis is away, and after 100 ms, because a caller
   * waits for the answer.
   */
  get limiter(): Redis {
    return this.#connection('limiter', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: LIMITER_TIMEOUT_MS,
    });
  }

  /**
   * For BullMQ workers: commands wait until Redis is back. Each worker duplicates it to block on.
   */
  get worker(): Redis {
    return this.#connection('worker', { maxRetriesPerRequest: null });
  }

  /** For pub/sub, which takes a connection over; subscriptions are renewed after a reconnect. */
  get subscriber(): Redis {
    return this.#connection('subscriber', { maxRetriesPerRequest: null });
  }

  /**
   * Resolves when this process can use Redis over the connections it has: they stand, Redis takes
   * writes, and those that work or listen hear it. Rejects with `NotReady` and the reason
   * otherwise. For readiness, and for waiting at start.
   */
  async check(): Promise<void> {
    const { producer } = this;
    try {
      await within(CHECK_TIMEOUT_MS, this.#tryWrite(producer));
    } catch (error) {
      throw notReady(error, CHECK_TIMEOUT_MS);
    }
    for (const { role, watch, error } of this.#held) {
      if (role === 'limiter' || watch.redis === producer) continue;
      const reason = error === undefined ? undefined : refusalOf(error)?.reason;
      if (reason !== undefined) throw new NotReady(`${reason} (${role})`);
      if (!watch.isHeard) throw new NotReady(`not connected, or silent (${role})`);
    }
  }

  /** Ends every connection. Close workers, producers and signals first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#open.values()].map(quit));
  }

  #connection(role: string, options: Behaviour): Redis {
    const existing = this.#open.get(role);
    if (existing) return existing;
    if (this.#isClosed) throw new Error('the connections to Redis are closed');
    const redis = new Redis(this.#options.url.reveal(), {
      ...options,
      ...reconnection(),
      connectionName: `quittance-${role}`,
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      maxLoadingRetryTime: RECONNECT_PAUSE_MAX_MS,
    });
    this.#open.set(role, redis);
    const isCounting = role === 'limiter';
    const ask = isCounting ? ping : (asked: Redis) => this.#write(asked);
    this.#hold(role, redis, { silentLooks: SILENT_LOOKS, ask });
    // BullMQ makes the connection that a worker blocks on; that one is its to close.
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) => {
      const blocking = duplicate({ ...reconnection(), ...override });
      this.#hold('blocking', blocking, { silentLooks: SILENT_LOOKS_BLOCKING, ask: ping });
      return blocking;
    };
    return redis;
  }

  #hold(role: string, redis: Redis, options: Omit<WatchOptions, 'onAnswer'>): void {
    const onAnswer = (error: unknown) => {
      held.error = error;
      const reason = refusalOf(error)?.reason;
      if (reason !== undefined) this.#outage.failed(reason);
    };
    const held: Held = {
      role,
      watch: new ConnectionWatch(redis, { ...options, onAnswer }),
      error: undefined,
    };
    this.#held.add(held);
    // An 'error' without a listener would end the process. It comes with each failed attempt.
    redis.on('error', (error: unknown) => {
      if (!this.#isClosed) this.#outage.failed(error);
    });
    // BullMQ ends what a worker blocks on, and connects it again.
    redis.on('end', () => this.#held.delete(held));
    redis.on('connecting', () => this.#held.add(held));
    this.#timer ??= setTimeout(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  #look(): void {
    const silent = [...this.#held].filter(({ watch }) => watch.look());
    if (silent.length > 0) {
      this.#outage.failed('silent');
      // What a worker blocks on takes the same way, and would be found out by its own time only
      // later.
      for (const { role, watch } of this.#held) if (role === 'blocking') watch.drop();
    } else if ([...this.#held].every(({ watch, error }) => watch.isHeard && !error)) {
      this.#outage.over();
    }
    this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  async #tryWrite(redis: Redis): Promise<void> {
    if (redis.status === 'connecting' || redis.status === 'connect') await settled(redis);
    await this.#write(redis);
  }

  /**
   * A write to Redis in all but its effect: refused wherever any other would be, and nothing is
   * stored, because nobody has made the key.
   */
  async #write(redis: Redis): Promise<void> {
    await redis.set(this.#options.probeKey ?? 'quittance-probe', '1', 'XX');
  }
}

/**
 * When a connection is made again. A Redis that refuses because of what it has become keeps its
 * connections: only leaving it leads to its successor. The refused command fails, and whoever sent
 * it decides whether to send it again.
 */
function reconnection(): Pick<RedisOptions, 'reconnectOnError' | 'retryStrategy'> {
  let refusedAt = -Infinity;
  return {
    reconnectOnError: (error) => {
      const isLeft = refusalOf(error)?.mayBeElsewhere ?? false;
      if (isLeft) refusedAt = performance.now();
      return isLeft;
    },
    retryStrategy: (times) => {
      const isRefused = performance.now() - refusedAt < RECONNECT_PAUSE_MAX_MS;
      return Math.max(
        isRefused ? REFUSED_PAUSE_MS : 0,
        Math.min(times * 100, RECONNECT_PAUSE_MAX_MS),
      );
    },
  };
}

/**
 * The end of a connection attempt, either way: without an offline queue a command sent before it
 * would fail.
 */
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
  if (redis.status === 'ready') await within(QUIT_TIMEOUT_MS, redis.quit()).catch(() => undefined);
  redis.disconnect();
}
