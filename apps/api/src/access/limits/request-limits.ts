// The two limits on requests. Requests with a valid key are limited by key, so that no merchant
// takes the service from the others. Requests without one are limited by address, so that guessing
// and noise are bounded without affecting a valid key behind the same address.
import { Injectable } from '@nestjs/common';
import { canonicalAddress, Logger, Metrics, Unavailable } from '@quittance/platform';
import { RedisConnections, RedisSettings } from '@quittance/queues';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LimitSettings } from '../../config.js';
import { addressGroup } from './address-group.js';
import { LeasedLimit, type LimitState } from './leased-limit.js';
import { RequestCounter } from './request-counter.js';
import { RequestsInFlight } from './requests-in-flight.js';

/**
 * The windows, in seconds. The one for keys is short: a merchant over its rate may continue within
 * a second.
 */
export const KEY_WINDOW_SECONDS = 1;
export const ADDRESS_WINDOW_SECONDS = 60;

const IN_FLIGHT_RETRY_SECONDS = 1;

/** A key and its own limit, if any. */
export interface LimitedKey {
  readonly keyId: string;
  readonly requestsPerSecond: number | null;
}

const LIMITS = ['key', 'address', 'in_flight'] as const;
type LimitName = Exclude<(typeof LIMITS)[number], 'in_flight'>;

@Injectable()
export class RequestLimits {
  readonly #byKey: LeasedLimit;
  readonly #byAddress: LeasedLimit;
  readonly #limited;

  constructor(
    private readonly settings: LimitSettings,
    private readonly inFlight: RequestsInFlight,
    { limiter: redis }: RedisConnections,
    { prefix }: RedisSettings,
    metrics: Metrics,
    log: Logger,
  ) {
    const alone = metrics.counter({
      name: 'request_limits_counted_alone_total',
      help: 'Times this process counted requests alone because Redis was unavailable',
    });
    const leased = (by: LimitName, windowSeconds: number) => {
      const keyPrefix = `${prefix}-requests-by-${by}`;
      const counter = new RequestCounter({ redis, keyPrefix, windowSeconds, log });
      return new LeasedLimit(counter, () => alone.inc());
    };
    this.#byKey = leased('key', KEY_WINDOW_SECONDS);
    this.#byAddress = leased('address', ADDRESS_WINDOW_SECONDS);
    this.#limited = metrics.counter({
      name: 'requests_limited_total',
      help: 'Requests answered 429, by the limit that they exceeded',
      labels: { by: LIMITS },
    });
  }

  /**
   * Counts a request of a key and sets the limit headers of its response. Throws
   * `too_many_requests` (429).
   */
  async countForKey({ keyId, requestsPerSecond }: LimitedKey, reply: FastifyReply): Promise<void> {
    const limit = requestsPerSecond ?? this.settings.perKey;
    this.#apply('key', await this.#byKey.take(keyId, limit), reply);
  }

  /**
   * Counts a payment without a request of its own, a line of a batch or a job, like a request of
   * its key. Resolves with the time until the key may send again, in milliseconds: 0 when the
   * payment is within the limit and counted.
   */
  async countPayment({ keyId, requestsPerSecond }: LimitedKey): Promise<number> {
    const limit = requestsPerSecond ?? this.settings.perKey;
    const { isWithin, resetsInMs } = await this.#byKey.take(keyId, limit);
    return isWithin ? 0 : Math.max(1, Math.ceil(resetsInMs));
  }

  /**
   * Counts a request of a key as one in progress until its response has ended. Throws
   * `too_many_requests` (429) when too many are.
   */
  countInFlight({ keyId }: LimitedKey, { raw }: FastifyReply): void {
    const end = this.inFlight.begin(keyId);
    if (end) {
      raw.once('close', end);
      return;
    }
    this.#limited.inc({ by: 'in_flight' });
    const detail = `More than ${this.settings.inFlight} requests of the key are in progress.`;
    throw Unavailable.tooManyRequests(detail, IN_FLIGHT_RETRY_SECONDS);
  }

  /** Counts a request without a valid key. Throws `too_many_requests` (429). */
  async countForAddress(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const state = await this.#byAddress.take(countedAddress(request), this.settings.perAddress);
    if (!state.isWithin) this.#apply('address', state, reply);
  }

  /**
   * Throws `too_many_requests` (429) when this process knows that the address has used up its
   * requests.
   */
  refuseExhaustedAddress(request: FastifyRequest, reply: FastifyReply): void {
    const { perAddress } = this.settings;
    const state = this.#byAddress.exhausted(countedAddress(request), perAddress);
    if (state) this.#apply('address', state, reply);
  }

  /**
   * Sets the fields of draft-ietf-httpapi-ratelimit-headers-10: `q` requests in `w` seconds; `r`
   * are left for `t` more.
   */
  #apply(by: LimitName, state: LimitState, reply: FastifyReply): void {
    const { isWithin, limit, remaining, resetsInMs } = state;
    const window = by === 'key' ? KEY_WINDOW_SECONDS : ADDRESS_WINDOW_SECONDS;
    const seconds = Math.min(window, Math.max(1, Math.ceil(resetsInMs / 1000)));
    reply.header('ratelimit-policy', `"${by}";q=${limit};w=${window}`);
    reply.header('ratelimit', `"${by}";r=${remaining};t=${seconds}`);
    if (isWithin) return;
    this.#limited.inc({ by });
    const per = by === 'key' ? 'a second and key' : 'a minute and address without a valid key';
    throw Unavailable.tooManyRequests(`More than ${limit} requests ${per}.`, seconds);
  }
}

/**
 * Returns the address to count. Callers whose proxy does not name their address are counted
 * together as the proxy.
 */
function countedAddress({ callerAddress, ip }: FastifyRequest): string {
  return addressGroup(callerAddress ?? canonicalAddress(ip) ?? 'unknown');
}
