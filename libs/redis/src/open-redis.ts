// Opens a connection to Redis: to a server, or through Sentinels to the present primary. ioredis
// asks the Sentinels on every connect, and leaves a server that is no primary.
import { Redis, type RedisOptions } from 'ioredis';
import { isSentinelUrl, parseSentinelUrl, type SentinelAddress } from '@quittance/platform';

/** A Sentinel answers from memory; without an answer the next one is asked. */
const SENTINEL_ANSWER_LIMIT_MS = 1000;
/** Pause after none of the Sentinels knew the primary. */
const SENTINEL_PAUSE_MS = 500;

/** Everything but the form of replies. */
type ConnectionOptions = Omit<RedisOptions, 'protocol' | 'replyMapping'>;

/** Returns a connection to the Redis at `url`, a valid `REDIS_URL`. */
export function openRedis(url: string, options: ConnectionOptions): Redis {
  if (!isSentinelUrl(url)) return new Redis(url, options);
  return new Redis({ ...options, ...sentinelOptions(parseSentinelUrl(url)) });
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
