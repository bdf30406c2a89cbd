// The limits of this process, over its connection to Redis.
import type { Logger, Metrics } from '@quittance/platform';
import type { Redis } from 'ioredis';
import { LeasedLimit } from './leased-limit.js';
import { RequestCounter } from './request-counter.js';
import { ADDRESS_WINDOW_SECONDS, KEY_WINDOW_SECONDS, RequestLimits } from './request-limits.js';

/** What the limits need. `prefix` is the first part of every key in Redis; the limits count requests. */
export interface CreateRequestLimitsOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly perKey: number;
  readonly perAddress: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function createRequestLimits(options: CreateRequestLimitsOptions): RequestLimits {
  const { redis, prefix, perKey, perAddress, metrics, log } = options;
  const alone = metrics.counter({
    name: 'request_limits_counted_alone_total',
    help: 'Times this process counted requests by itself because Redis was away',
  });
  const leased = (by: string, windowSeconds: number) =>
    new LeasedLimit(
      new RequestCounter({ redis, keyPrefix: `${prefix}-requests-by-${by}`, windowSeconds, log }),
      () => alone.inc(),
    );
  const byKey = leased('key', KEY_WINDOW_SECONDS);
  const byAddress = leased('address', ADDRESS_WINDOW_SECONDS);
  return new RequestLimits({ byKey, byAddress, perKey, perAddress, metrics });
}
