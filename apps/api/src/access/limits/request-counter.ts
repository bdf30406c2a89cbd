// Counting requests for all processes together, in Redis; alone and in memory while Redis is away.
// Never "not at all": an attacker who can slow Redis down must not be let in by it.
import type { Logger } from '@quittance/platform';
import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from 'rate-limiter-flexible';

/** What a counter is made with. */
export interface RequestCounterOptions {
  /** A connection that fails soon: see `RedisConnections.limiter`. */
  readonly redis: Redis;
  /** First part of its keys in Redis. */
  readonly keyPrefix: string;
  /** Whole seconds; counting starts anew after each. */
  readonly windowSeconds: number;
  readonly log: Logger;
}

/** How many requests were counted for a subject in its present window, these included. */
export interface Count {
  readonly consumed: number;
  readonly resetsInMs: number;
  /** False when this process counted alone. */
  readonly isShared: boolean;
}

/**
 * After a failure Redis is not asked for this long: requests should not pay its time-out again and
 * again.
 */
const ALONE_FOR_MS = 1_000;

/** The library counts and expires; the limit differs by key, so it is compared by whoever asks. */
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
   * Counts `requests` more of `subject`. Does not reject, and answers within the connection's
   * time-out.
   */
  async add(subject: string, requests: number): Promise<Count> {
    // Always counted here too: a Redis that comes and goes must not give anybody a fresh start each
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
      this.#log.debug({ err: error }, 'requests are counted in memory: redis is away');
      return undefined;
    }
  }
}

function countOf({ consumedPoints, msBeforeNext }: RateLimiterRes, isShared: boolean): Count {
  return { consumed: consumedPoints, resetsInMs: msBeforeNext, isShared };
}
