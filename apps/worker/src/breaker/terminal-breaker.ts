// The circuit breaker of one terminal's gateway. It opens after some calls in a row to which the
// gateway did not respond, holds back the terminal's submissions before their fence, and closes
// when the gateway replies to an inquiry. Then submissions start again slowly: first one, then
// twice as many for each reply, because a gateway that replies to inquiries may still not reply to
// payments.
import { type Availability, availabilityOf, type Exchange } from '@quittance/gateway';
import { Unavailable } from '@quittance/platform';
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
} from 'cockatiel';
import type { Pace } from '../places/places.js';

/** The options of a {@link TerminalBreaker}. */
export interface TerminalBreakerOptions {
  /** The breaker opens after this many calls in a row; 0: never. */
  readonly failures: number;
  /** The time between two inquiries while it is open, in milliseconds. */
  readonly inquireEveryMs: number;
  readonly onChange: (to: BreakerState) => void;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** The library decides by the wall clock, which may be set back. Its caller decides instead. */
const INQUIRE_AT_ANY_TIME = -Infinity;
/** The pause of a job over the limit of the slow start. */
const SLOW_START_MS = 250;
/** The slow start is over once so many submissions may be in flight. */
const SLOW_START_OVER = 64;
/** The spacing of jobs that are put off: they do not all come back at once. */
const SPACING_MS = 10;

export class TerminalBreaker {
  readonly #options: TerminalBreakerOptions;
  readonly #policy: CircuitBreakerPolicy;
  readonly #now: () => number;
  #inFlight = 0;
  #inFlightMax = Infinity;
  /** The time at which the next job that is put off may come back. */
  #plannedUntil = 0;
  /** Raised when the breaker closes: results of earlier calls no longer count. */
  #closings = 0;

  constructor(options: TerminalBreakerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#policy = circuitBreaker(
      handleWhenResult((availability) => availability === 'unavailable'),
      {
        breaker: new ConsecutiveBreaker(options.failures === 0 ? Infinity : options.failures),
        halfOpenAfter: INQUIRE_AT_ANY_TIME,
      },
    );
    this.#policy.onBreak(() => options.onChange('open'));
    this.#policy.onHalfOpen(() => options.onChange('half_open'));
    this.#policy.onReset(() => this.#startSlowly());
  }

  get isOpen(): boolean {
    return this.#policy.state !== CircuitState.Closed;
  }

  /**
   * Runs `submit`. Rejects with Unavailable `breaker_open`, without having run it, while the
   * breaker is open or more submissions are in flight than the slow start permits; `pace` says
   * when.
   */
  async pass<T>(pace: Pick<Pace, 'turn'>, submit: () => Promise<T>): Promise<T> {
    if (this.isOpen || this.#inFlight >= this.#inFlightMax) {
      await pace.turn();
      throw this.#putOff(this.isOpen ? this.#options.inquireEveryMs : SLOW_START_MS);
    }
    this.#inFlight += 1;
    try {
      return await submit();
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Runs a call that moves money, and counts its result. */
  async watch(call: () => Promise<Exchange>): Promise<Exchange> {
    const closings = this.#closings;
    const exchange = await call();
    const availability = availabilityOf(exchange);
    if (availability !== 'unknown' && closings === this.#closings) await this.#count(availability);
    return exchange;
  }

  /** Asks an unavailable gateway, unless an earlier inquiry is still in flight. Never rejects. */
  async inquire(ask: () => Promise<Exchange>): Promise<void> {
    if (this.#policy.state !== CircuitState.Open) return;
    await this.#policy.execute(async () => availabilityOf(await ask()));
  }

  async #count(availability: Availability): Promise<void> {
    if (this.isOpen) return;
    if (availability === 'available') this.#permitMore();
    await this.#policy.execute(() => availability);
  }

  #startSlowly(): void {
    this.#inFlightMax = 1;
    this.#plannedUntil = 0;
    this.#closings += 1;
    this.#options.onChange('closed');
  }

  #permitMore(): void {
    this.#inFlightMax *= 2;
    if (this.#inFlightMax >= SLOW_START_OVER) this.#inFlightMax = Infinity;
  }

  #putOff(forMs: number): Unavailable {
    const now = this.#now();
    const at = Math.max(this.#plannedUntil, now + forMs);
    this.#plannedUntil = at + SPACING_MS;
    const message = 'The gateway of the terminal does not respond. Nothing was sent.';
    return new Unavailable('breaker_open', message, { retryAfterSeconds: (at - now) / 1_000 });
  }
}
