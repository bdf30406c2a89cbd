// A limit on requests that costs a fraction of a round trip. A process takes a twentieth of a
// subject's limit at a time from the shared count and spends it in memory. All processes together
// never exceed the limit. A process loses what it has not spent when the window ends: at most a
// twentieth of the limit.
import { atMost } from '@quittance/platform';
import { LRUCache } from 'lru-cache';
import type { RequestCounter } from './request-counter.js';

/** The state of a subject after a request. */
export interface LimitState {
  readonly isWithin: boolean;
  readonly limit: number;
  /** Requests left in this window, as far as this process knows. */
  readonly remaining: number;
  readonly resetsInMs: number;
}

interface Lease {
  /** Requests that this process may still accept without renewal. */
  left: number;
  /** Requests left in the shared count at the last reply. */
  sharedLeft: number;
  /** End of the window on the clock of `performance.now()`. */
  endsAtMs: number;
  /** The call in flight. Requests that arrive meanwhile wait for the same reply. */
  renewal: Promise<void> | undefined;
}

const LEASES_PER_LIMIT = 20;

/** Number of cached subjects. An evicted one is counted again in Redis. */
const LEASES_MAX = 10_000;

export class LeasedLimit {
  readonly #counter: RequestCounter;
  readonly #leases = new LRUCache<string, Lease>(atMost(LEASES_MAX));
  readonly #onCountedAlone: () => void;

  /** `onCountedAlone` is called for each lease that was taken without Redis. */
  constructor(counter: RequestCounter, onCountedAlone: () => void = () => {}) {
    this.#counter = counter;
    this.#onCountedAlone = onCountedAlone;
  }

  /** Takes one request of `limit` per window. */
  async take(subject: string, limit: number): Promise<LimitState> {
    const lease = this.#leaseOf(subject);
    while (lease.left === 0) {
      if (isExhausted(lease)) return stateOf(lease, limit, false);
      lease.renewal ??= this.#renew(lease, subject, limit);
      await lease.renewal;
    }
    lease.left -= 1;
    return stateOf(lease, limit, true);
  }

  /**
   * Returns the state of a subject that has nothing left in this window, without a call to Redis;
   * otherwise `undefined`.
   */
  exhausted(subject: string, limit: number): LimitState | undefined {
    const lease = this.#leases.get(subject);
    if (!lease || lease.left > 0 || !isExhausted(lease)) return undefined;
    return stateOf(lease, limit, false);
  }

  #leaseOf(subject: string): Lease {
    const known = this.#leases.get(subject);
    if (known && (known.renewal || known.endsAtMs > performance.now())) return known;
    const lease: Lease = { left: 0, sharedLeft: 1, endsAtMs: Infinity, renewal: undefined };
    this.#leases.set(subject, lease);
    return lease;
  }

  async #renew(lease: Lease, subject: string, limit: number): Promise<void> {
    const wanted = Math.max(1, Math.floor(limit / LEASES_PER_LIMIT));
    try {
      const count = await this.#counter.add(subject, wanted);
      if (!count.isShared) this.#onCountedAlone();
      const takenEarlier = count.consumed - wanted;
      lease.left = Math.min(wanted, Math.max(0, limit - takenEarlier));
      lease.sharedLeft = Math.max(0, limit - count.consumed);
      lease.endsAtMs = performance.now() + Math.max(0, count.resetsInMs);
    } finally {
      lease.renewal = undefined;
    }
  }
}

/** True when the lease and the shared count are used up and the window is not over. */
function isExhausted({ sharedLeft, endsAtMs }: Lease): boolean {
  return sharedLeft === 0 && endsAtMs > performance.now();
}

function stateOf(
  { left, sharedLeft, endsAtMs }: Lease,
  limit: number,
  isWithin: boolean,
): LimitState {
  const resetsInMs = Math.max(0, endsAtMs - performance.now());
  return { isWithin, limit, remaining: left + sharedLeft, resetsInMs };
}
