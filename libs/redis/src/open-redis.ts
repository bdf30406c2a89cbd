// Opens and ends a connection to Redis: to a server, through Sentinels to the present primary, or
// to a Cluster. ioredis asks the Sentinels on every connect, and leaves a server that is no
// primary. It asks any node of a Cluster which primary has a slot, and follows redirections.
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import {
  isClusterUrl,
  isSentinelUrl,
  parseClusterUrl,
  parseSentinelUrl,
  type SentinelAddress,
  within,
} from '@quittance/platform';

/** Limit for a connection, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 2000;
/** Limit for the reply to QUIT. */
const QUIT_TIMEOUT_MS = 1000;

/** A Sentinel answers from memory; without an answer the next one is asked. */
const SENTINEL_ANSWER_LIMIT_MS = 1000;
/** Pause after none of the Sentinels knew the primary. */
const SENTINEL_PAUSE_MS = 500;

/** The pause before a command is sent again after a redirection or the loss of its primary. */
const REDIRECTED_PAUSE_MS = 100;
/** Half a second; a primary without a successor is unavailable. */
const REDIRECTIONS_MAX = 5;
const CLUSTER_PAUSE_MAX_MS = 1000;

/** Everything but the form of replies. */
type ConnectionOptions = Omit<RedisOptions, 'protocol' | 'replyMapping'>;

/**
 * Returns a connection to the Redis at `url`, a valid `REDIS_URL`. That to a Cluster has the same
 * commands, and no `stream`: it stands for several connections (see `primariesOf`).
 */
export function openRedis(url: string, options: ConnectionOptions): Redis {
  if (isClusterUrl(url)) return openCluster(url, options) as unknown as Redis;
  if (!isSentinelUrl(url)) return new Redis(url, options);
  return new Redis({ ...options, ...sentinelOptions(parseSentinelUrl(url)) });
}

function openCluster(
  url: string,
  // A node that refuses because of its role names the present primary itself.
  {
    enableOfflineQueue = true,
    reconnectOnError: _,
    retryStrategy: __,
    ...options
  }: ConnectionOptions,
): Cluster {
  const { nodes, isTls, username, password } = parseClusterUrl(url);
  return new Cluster([...nodes], {
    enableOfflineQueue,
    maxRedirections: enableOfflineQueue ? Number.MAX_SAFE_INTEGER : REDIRECTIONS_MAX,
    retryDelayOnMoved: REDIRECTED_PAUSE_MS,
    retryDelayOnFailover: REDIRECTED_PAUSE_MS,
    retryDelayOnClusterDown: REDIRECTED_PAUSE_MS,
    retryDelayOnTryAgain: REDIRECTED_PAUSE_MS,
    clusterRetryStrategy: (times) => Math.min(times * 100, CLUSTER_PAUSE_MAX_MS),
    // The name of the host reaches TLS, which compares it with the certificate.
    dnsLookup: (host, found) => found(null, host),
    redisOptions: {
      ...options,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(isTls && { tls: {} }),
    },
  });
}

function sentinelOptions(address: SentinelAddress): ConnectionOptions {
  const { sentinels, name, isTls, db, username, password } = address;
  const { sentinelUsername, sentinelPassword } = address;
  return {
    sentinels: [...sentinels],
    name,
    db,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(isTls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: SENTINEL_ANSWER_LIMIT_MS,
    // Without a number ioredis would give the connection up for ever.
    sentinelRetryStrategy: () => SENTINEL_PAUSE_MS,
    // The addresses that Sentinels have of each other may not be reachable from here.
    updateSentinels: false,
  };
}

/**
 * Resolves when a connection attempt has ended, either way. Without an offline queue, a command
 * sent before that would fail.
 */
export function settled(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      redis.off('ready', done).off('close', done);
      resolve();
    };
    const timer = setTimeout(done, CONNECT_TIMEOUT_MS);
    redis.once('ready', done).once('close', done);
  });
}

/** Ends a connection, even if Redis does not reply. */
export async function quit(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await within(QUIT_TIMEOUT_MS, redis.quit()).catch(() => undefined);
  redis.disconnect();
}
