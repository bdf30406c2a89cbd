// A limit on requests that costs a fraction of a round trip: a process takes a twentieth of a
// subject's limit at a time from the shared count and spends it in memory. All processes together
// never let more through than the limit; what a process has taken and not spent when the window
// ends is lost, at most a twentieth for each.
import { LRUCache } from 'lru-cache';
import type { RequestCounter } from './request-counter.js';

/** How a subject stands after it asked. */
export interface Standing {
  readonly isWithin: boolean;
  readonly limit: number;
  /** Requests left in this window, as far as this process knows. */
  readonly remaining: number;
  readonly resetsInMs: number;
}

interface Lease {
  /** Requests this process may still let through without asking. */
  left: number;
  /** Requests that nobody had taken when it last asked. */
  untaken: number;
  /** When the window ends, on the clock of `performance.now()`. */
  endsAtMs: number;
  /** The question under way: who comes meanwhile waits for the same answer. */
  asking: Promise<void> | undefined;
}

const LEASES_PER_LIMIT = 20;

/** Subjects remembered; who falls out is asked about again. */
const LEASES_MAX = 10_000;

export class LeasedLimit {
  readonly #counter: RequestCounter;
  readonly #leases = new LRUCache<string, Lease>({ max: LEASES_MAX });
  readonly #onCountedAlone: () => void;

  /** `onCountedAlone` is called for each lease that was taken without Redis. */
  constructor(counter: RequestCounter, onCountedAlone: () => void = () => {}) {
    this.#counter = counter;
    this.#onCountedAlone = onCountedAlone;
  }

  /** Takes one request of `limit` per window. */
  async take(subject: string, limit: number): Promise<Standing> {
    const lease = this.#leaseOf(subject);
    while (lease.left === 0) {
      if (isSpent(lease)) return standing(lease, limit, false);
      lease.asking ??= this.#renew(lease, subject, limit);
      await lease.asking;
    }
    lease.left -= 1;
    return standing(lease, limit, true);
  }

  /**
   * How a subject stands that has nothing left in this window, without asking anybody; otherwise
   * `undefined`.
   */
  exhausted(subject: string, limit: number): Standing | undefined {
    const lease = this.#leases.get(subject);
    if (!lease || lease.left > 0 || !isSpent(lease)) return undefined;
    return standing(lease, limit, false);
  }

  #leaseOf(subject: string): Lease {
    const known = this.#leases.get(subject);
    if (known && (known.asking || known.endsAtMs > performance.now())) return known;
    const lease: Lease = { left: 0, untaken: 1, endsAtMs: Infinity, asking: undefined };
    this.#leases.set(subject, lease);
    return lease;
  }

  async #renew(lease: Lease, subject: string, limit: number): Promise<void> {
    const wanted = Math.max(1, Math.floor(limit / LEASES_PER_LIMIT));
    try {
      const count = await this.#counter.add(subject, wanted);
      if (!count.isShared) this.#onCountedAlone();
      const takenBefore = count.consumed - wanted;
      lease.left = Math.min(wanted, Math.max(0, limit - takenBefore));
      lease.untaken = Math.max(0, limit - count.consumed);
      lease.endsAtMs = performance.now() + Math.max(0, count.resetsInMs);
    } finally {
      lease.asking = undefined;
    }
  }
}

/** Nothing here, nothing in the shared count, and the window is not over. */
function isSpent({ untaken, endsAtMs }: Lease): boolean {
  return untaken === 0 && endsAtMs > performance.now();
}

function standing({ left, untaken, endsAtMs }: Lease, limit: number, isWithin: boolean): Standing {
  const resetsInMs = Math.max(0, endsAtMs - performance.now());
  return { isWithin, limit, remaining: left + untaken, resetsInMs };
}
