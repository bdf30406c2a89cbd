// Counts requests for all processes together in Redis, or alone in memory while Redis is
// unavailable. It always counts: an attacker who can slow Redis down must not escape the limit.
import type { Logger } from '@quittance/platform';
import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from 'rate-limiter-flexible';

/** Dependencies and settings of a counter. */
export interface RequestCounterOptions {
  /** A connection that fails fast: see `RedisConnections.limiter`. */
  readonly redis: Redis;
  /** The first part of the counter's keys in Redis. */
  readonly keyPrefix: string;
  /** Whole seconds. Counting restarts after each window. */
  readonly windowSeconds: number;
  readonly log: Logger;
}

/** The number of requests counted for a subject in its current window, including the new ones. */
export interface Count {
  readonly consumed: number;
  readonly resetsInMs: number;
  /** False when this process counted alone. */
  readonly isShared: boolean;
}

/**
 * Pause before Redis is tried again after a failure, so that requests do not pay its timeout
 * repeatedly.
 */
const ALONE_FOR_MS = 1_000;

/** The library counts and expires. The limit differs by key, so the caller compares. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export class RequestCounter {
  readonly #shared: RateLimiterAbstract;
  readonly #own: RateLimiterAbstract;
  readonly #log: Logger;
  #aloneUntil = 0;

  constructor({ redis, keyPrefix, windowSeconds, log }: RequestCounterOptions) {
    const common = { keyPrefix, points: NO_LIMIT, duration: windowSeconds };
    this.#shared = new RateLimiterRedis({ ...common, storeClient: redis });
    this.#own = new RateLimiterMemory(common);
    this.#log = log;
  }

  /**
   * Counts `requests` more of `subject`. Never rejects, and resolves within the connection's
   * timeout.
   */
  async add(subject: string, requests: number): Promise<Count> {
    // Always counted here as well, so that a flapping Redis gives no caller a fresh start each
    // time.
    const own = countOf(await this.#own.consume(subject, requests), false);
    const shared = await this.#addShared(subject, requests);
    if (!shared) return own;
    return own.consumed > shared.consumed ? { ...own, isShared: true } : shared;
  }

  async #addShared(subject: string, requests: number): Promise<Count | undefined> {
    if (performance.now() < this.#aloneUntil) return undefined;
    try {
      return countOf(await this.#shared.consume(subject, requests), true);
    } catch (error) {
      this.#aloneUntil = performance.now() + ALONE_FOR_MS;
      this.#log.debug({ err: error }, 'redis is unavailable: counting requests in memory');
      return undefined;
    }
  }
}

function countOf({ consumedPoints, msBeforeNext }: RateLimiterRes, isShared: boolean): Count {
  return { consumed: consumedPoints, resetsInMs: msBeforeNext, isShared };
}
