// The connections of one process to Redis, by their behaviour while Redis is unavailable: a
// producer fails at once, a worker or subscriber waits. Every connection reconnects by itself, also
// when Redis is silent or no longer accepts writes, and none can end the process.
import type { ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { type Logger, NotReady, OutageLog, type Secret, within } from '@quittance/platform';
import { ClusterWatch } from './cluster-watch.js';
import { ConnectionWatch } from './connection-watch.js';
import { CONNECT_TIMEOUT_MS, openRedis, quit, settled } from './open-redis.js';
import { isCluster } from './queue-prefix.js';
import { reconnection } from './reconnection.js';
import { notReady, refusalOf } from './refusals.js';
import { tlsFaultOf } from './tls-fault.js';
import { WriteProbe } from './write-probe.js';

/** The address of Redis, and the limits and log of its connections. */
export interface RedisConnectionsOptions {
  /**
   * `redis://` or `rediss://`, with the password if there is one; or `redis+sentinel://` or
   * `rediss+sentinel://` with the Sentinels and the name of their primary; or `redis+cluster://` or
   * `rediss+cluster://` with nodes of a Cluster.
   */
  readonly url: Secret<string>;
  readonly log: Logger;
  /** Longest time a producer waits for one command, in milliseconds. Default 2000. */
  readonly commandTimeoutMs?: number;
  /**
   * A key that this process may write but never does; the write probe uses it. Default
   * `quittance-probe`. In a Cluster each primary is probed, by a hash tag behind this key, unless
   * the key has one: then only the primary of that slot.
   */
  readonly probeKey?: string;
}

/**
 * A relay pass or a response to a caller waits for the command. A Redis that takes longer counts as
 * unavailable.
 */
const COMMAND_TIMEOUT_MS = 2000;
/** Below the limit that /readyz gives a check, so that the response contains the reason. */
const CHECK_TIMEOUT_MS = 1500;
/** Time for the other side to close a connection that this side has ended. */
const DISCONNECT_TIMEOUT_MS = 500;

/**
 * A request waits for the count of its limit. Beyond this time the process counts alone. Redis
 * answers in well under 5 ms.
 */
const LIMITER_TIMEOUT_MS = 100;

/**
 * ioredis destroys a connection on which a command has had no answer for this long, and the kernel
 * one whose other side confirms nothing. The checks below detect both earlier; these limits need no
 * timer of this process.
 */
const SOCKET_TIMEOUT_MS = 10_000;
/** Longer than a blocking command of BullMQ lasts. */
const SOCKET_TIMEOUT_BLOCKING_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
const LOADING_RETRY_MAX_MS = 1000;

/** Interval between checks of each connection. */
const CHECK_EVERY_MS = 1000;
/** Longer than any command takes, unless Redis as a whole stalls. */
const SILENT_CHECKS = 3;
/** A blocking command of BullMQ lasts up to ten seconds, during which Redis sends nothing. */
const SILENT_CHECKS_BLOCKING = 12;

const ping = (redis: Redis) => redis.ping();

/** The options in which the connections differ. */
type Behaviour = Pick<
  RedisOptions,
  'enableOfflineQueue' | 'maxRetriesPerRequest' | 'commandTimeout'
>;

interface WatchedConnection {
  readonly role: string;
  readonly watch: ConnectionWatch | ClusterWatch;
  /** The result of the last command of the watch. */
  error: unknown;
}

/** The form of `duplicate` of a connection to a Cluster. */
interface Duplicated {
  duplicate: (nodes: undefined, options?: ClusterOptions) => unknown;
}

/** Opens connections on first use. `close()` ends them all. */
export class RedisConnections {
  readonly #options: RedisConnectionsOptions;
  readonly #open = new Map<string, Redis>();
  readonly #watched = new Set<WatchedConnection>();
  readonly #probe: WriteProbe;
  readonly #outage: OutageLog;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: RedisConnectionsOptions) {
    this.#options = options;
    this.#probe = new WriteProbe(options.probeKey ?? 'quittance-probe');
    const messages = { failed: 'redis is unavailable', over: 'redis is available again' };
    this.#outage = new OutageLog(options.log, 'warn', messages);
  }

  /**
   * For commands that a caller waits for. They fail at once while Redis is unavailable, and after
   * the command timeout.
   */
  get producer(): Redis {
    return this.#connection('producer', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: this.#options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    });
  }

  /**
   * For counting requests. Commands fail at once while Redis is unavailable, and after 100 ms,
   * because a caller waits for the response.
   */
  get limiter(): Redis {
    return this.#connection('limiter', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: LIMITER_TIMEOUT_MS,
    });
  }

  /**
   * For BullMQ workers. Commands wait until Redis is available. Each worker duplicates the
   * connection for its blocking commands.
   */
  get worker(): Redis {
    return this.#connection('worker', { maxRetriesPerRequest: null });
  }

  /** For pub/sub, which takes over a connection. Subscriptions are renewed after a reconnect. */
  get subscriber(): Redis {
    return this.#connection('subscriber', { maxRetriesPerRequest: null });
  }

  /**
   * Resolves when this process can use Redis through its open connections: they are connected,
   * Redis accepts writes, and workers and subscribers receive replies. Otherwise rejects with
   * `NotReady` and the reason. Used for readiness and for waiting at startup.
   */
  async check(): Promise<void> {
    const { producer } = this;
    const url = this.#options.url.reveal();
    const tlsFault = producer.status === 'ready' ? undefined : tlsFaultOf(url, CHECK_TIMEOUT_MS);
    try {
      const writing = this.settled().then(() => this.#probe.write(producer));
      await within(CHECK_TIMEOUT_MS, writing);
    } catch (error) {
      const reason = await tlsFault;
      if (reason === undefined) throw notReady(error, CHECK_TIMEOUT_MS);
      this.#outage.failed(reason);
      throw new NotReady(reason, { cause: error });
    }
    for (const { role, watch, error } of this.#watched) {
      if (role === 'limiter' || watch.redis === producer) continue;
      const reason = error === undefined ? undefined : refusalOf(error)?.reason;
      if (reason !== undefined) throw new NotReady(`${reason} (${role})`);
      if (!watch.isResponsive) throw new NotReady(`not connected, or silent (${role})`);
    }
  }

  /**
   * Resolves when no connection attempt of the producer is in progress, whatever its end, or after
   * two seconds: while no Sentinel answers, an attempt does not end.
   */
  async settled(): Promise<void> {
    const { producer } = this;
    if (producer.status === 'connecting' || producer.status === 'connect') await settled(producer);
  }

  /** Returns other connections to the same Redis, to find out whether new ones work. */
  another(log: Logger): RedisConnections {
    return new RedisConnections({ ...this.#options, log });
  }

  /** Ends every connection. Close workers, producers and signals first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#open.values()].map(quit));
    // A worker that was closed while Redis was unavailable leaves its duplicate reconnecting.
    for (const { watch } of this.#watched) watch.redis.disconnect();
  }

  #connection(role: string, options: Behaviour): Redis {
    const existing = this.#open.get(role);
    if (existing) return existing;
    if (this.#isClosed) throw new Error('the connections to Redis are closed');
    const redis = openRedis(this.#options.url.reveal(), {
      ...options,
      ...reconnection(),
      connectionName: `quittance-${role}`,
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      keepAlive: KEEP_ALIVE_MS,
      maxLoadingRetryTime: LOADING_RETRY_MAX_MS,
    });
    this.#open.set(role, redis);
    this.#watch(role, redis);
    this.#watchDuplicates(redis);
    return redis;
  }

  /** BullMQ duplicates the connection for blocking commands and closes the duplicate itself. */
  #watchDuplicates(redis: Redis): void {
    const socketTimeout = SOCKET_TIMEOUT_BLOCKING_MS;
    const watched = <Client>(client: Client) => {
      this.#watch('blocking', client as Redis);
      return client;
    };
    if (isCluster(redis)) {
      const cluster = redis as unknown as Duplicated;
      const duplicate = cluster.duplicate.bind(cluster);
      cluster.duplicate = (nodes, { redisOptions, ...override } = {}) =>
        watched(
          duplicate(nodes, { ...override, redisOptions: { ...redisOptions, socketTimeout } }),
        );
      return;
    }
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) =>
      watched(duplicate({ ...reconnection(), ...override, socketTimeout }));
  }

  #watch(role: string, redis: Redis): void {
    const onReply = (error: unknown) => {
      watched.error = error;
      const reason = refusalOf(error)?.reason;
      if (reason !== undefined) this.#outage.failed(reason);
      // A client of a Cluster emits no 'error' for a primary that it cannot reach.
      else if (error !== undefined && isCluster(redis)) this.#outage.failed(error);
    };
    const watched: WatchedConnection = {
      role,
      watch: this.#watchOf(role, redis, onReply),
      error: undefined,
    };
    this.#watched.add(watched);
    // An 'error' event without a listener would end the process. Each failed attempt emits one.
    redis.on('error', (error: unknown) => {
      if (!this.#isClosed) this.#outage.failed(error);
    });
    // BullMQ ends a worker's blocking connection and reconnects it.
    redis.on('end', () => this.#watched.delete(watched));
    redis.on('connecting', () => this.#watched.add(watched));
    this.#timer ??= setTimeout(() => this.#checkAll(), CHECK_EVERY_MS).unref();
  }

  #watchOf(role: string, redis: Redis, onReply: (error: unknown) => void) {
    const isBlocking = role === 'blocking';
    const silentChecks = isBlocking ? SILENT_CHECKS_BLOCKING : SILENT_CHECKS;
    const write = (probed: Redis) => this.#probe.write(probed);
    if (isCluster(redis)) {
      const probe = role === 'producer' ? { probe: write } : {};
      const options = { silentChecks, ping, onReply, connects: !isBlocking, ...probe };
      return new ClusterWatch(redis, options);
    }
    const isWriting = !isBlocking && role !== 'limiter';
    return new ConnectionWatch(redis, { silentChecks, ping: isWriting ? write : ping, onReply });
  }

  #checkAll(): void {
    const silent = [...this.#watched].filter(({ watch }) => watch.check());
    if (silent.length > 0) {
      this.#outage.failed('silent');
      // The blocking connections use the same path, but their own watch would notice the failure
      // much later.
      for (const { role, watch } of this.#watched) if (role === 'blocking') watch.drop();
    } else if ([...this.#watched].every(({ watch, error }) => watch.isResponsive && !error)) {
      this.#outage.over();
    }
    this.#timer = setTimeout(() => this.#checkAll(), CHECK_EVERY_MS).unref();
  }
}
