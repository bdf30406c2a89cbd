// Counts the submissions of a lane for all workers together, in Redis. The limit itself is in
// Postgres: a Redis that is emptied starts the count of the present second again, and a Redis that
// does not answer permits nothing.
import { Injectable } from '@nestjs/common';
import { RedisConnections, RedisSettings } from '@quittance/queues';
import { RateLimiterRedis } from 'rate-limiter-flexible';

/** The library counts and expires. The limit may change at any time, so it is compared here. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** The pause while Redis does not answer. */
const UNKNOWN_PAUSE_MS = 1_000;

@Injectable()
export class LaneRate {
  readonly #counter: RateLimiterRedis;

  constructor(redis: RedisConnections, { prefix }: RedisSettings) {
    this.#counter = new RateLimiterRedis({
      storeClient: redis.limiter,
      keyPrefix: `${prefix}-lane-rate`,
      points: NO_LIMIT,
      duration: 1,
    });
  }

  /**
   * Counts one submission. Resolves with 0 when it is within `perSecond`, otherwise with the
   * milliseconds to the next second. Never rejects.
   */
  async take(lane: string, perSecond: number): Promise<number> {
    try {
      const { consumedPoints, msBeforeNext } = await this.#counter.consume(lane);
      return consumedPoints <= perSecond ? 0 : Math.max(1, msBeforeNext);
    } catch {
      return UNKNOWN_PAUSE_MS;
    }
  }
}
