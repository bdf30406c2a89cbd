// When a connection to one server is opened again, and which refusals end it.
import type { RedisOptions } from 'ioredis';
import { refusalOf } from './refusals.js';

/** Reconnects within a second of Redis's return, without a storm of attempts during an outage. */
const RECONNECT_PAUSE_MAX_MS = 1000;
/** Pause after a refusal, because the address may lead to the same server for a while. */
const REFUSED_PAUSE_MS = 500;

/**
 * The reconnect policy. A server that refuses writes because its role has changed keeps its
 * connections open, so only a new connection reaches its successor. The refused command fails, and
 * its sender decides on a retry.
 */
export function reconnection(): Pick<RedisOptions, 'reconnectOnError' | 'retryStrategy'> {
  let refusedAt = -Infinity;
  return {
    reconnectOnError: (error) => {
      const isLeft = refusalOf(error)?.mayBeElsewhere ?? false;
      // One socket has many refusals in a row, and ioredis would end it again for each of them.
      const isEnding = performance.now() - refusedAt < REFUSED_PAUSE_MS;
      if (isLeft && !isEnding) refusedAt = performance.now();
      return isLeft && !isEnding;
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
