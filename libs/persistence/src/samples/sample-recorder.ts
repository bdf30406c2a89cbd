// Counts what one process does, and adds it to the samples once a second.
import { isEnded, statusToWire } from '@quittance/payments';
import { type Logger, PeriodicTask } from '@quittance/platform';
import type { Committed } from '../payments.js';
import type { Count, SampledCount, Samples } from './samples.js';

const EVERY_MS = 1_000;

/**
 * The bounds of the times from acceptance to the first attempt and to the end, in milliseconds, for
 * percentiles.
 */
export const FINAL_BOUNDS_MS = [
  50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000, 300_000, 1_800_000,
] as const;

const GATEWAY_RESULTS = {
  replied: 'gateway_replied',
  notSent: 'gateway_not_sent',
  noReply: 'gateway_no_reply',
} as const satisfies Record<string, SampledCount>;

export class SampleRecorder {
  #counts = new Map<string, Count>();
  readonly #task: PeriodicTask;

  constructor(
    private readonly samples: Pick<Samples, 'add'>,
    log: Logger,
  ) {
    this.#task = new PeriodicTask({
      name: 'samples',
      everyMs: EVERY_MS,
      run: () => this.flush(),
      log,
    });
  }

  /** Starts to write once a second. */
  start(): void {
    this.#task.start();
  }

  /** Stops, and writes the last counts if Postgres is available. */
  async stop(): Promise<void> {
    await this.#task.stop();
    await this.flush().catch(() => undefined);
  }

  /** Counts acceptances, first attempts and first ends: a listener for the payments' commits. */
  committed(committed: readonly Committed[]): void {
    for (const { payment, decision } of committed) {
      const { lane } = payment;
      const move = decision?.move;
      if (!decision) this.#count(lane, 'accepted');
      const tookMs = payment.updatedAt.getTime() - payment.createdAt.getTime();
      const bound = FINAL_BOUNDS_MS.find((boundMs) => tookMs <= boundMs);
      if (move?.to === 'submitting' && payment.attempt === 1) {
        this.#count(lane, 'sent');
        this.#count(lane, bound === undefined ? 'sent_later' : `sent_within_${bound}_ms`);
      }
      if (!move || !isEnded(move.to) || isEnded(move.from)) continue;
      this.#count(lane, `ended_${statusToWire(move.to)}`);
      this.#count(lane, bound === undefined ? 'final_later' : `final_within_${bound}_ms`);
    }
  }

  /** Counts one call to the gateway by its result. */
  gatewayCalled(lane: string, result: keyof typeof GATEWAY_RESULTS): void {
    this.#count(lane, GATEWAY_RESULTS[result]);
  }

  /** Writes what was counted since the last time; nothing if nothing was. */
  async flush(): Promise<void> {
    if (this.#counts.size === 0) return;
    const counted = this.#counts;
    this.#counts = new Map();
    try {
      await this.samples.add([...counted.values()]);
    } catch (error) {
      // They count later: at most one entry per lane and metric waits for Postgres.
      for (const { lane, metric, value } of counted.values()) this.#count(lane, metric, value);
      throw error;
    }
  }

  #count(lane: string, metric: SampledCount, by = 1): void {
    const key = `${lane} ${metric}`;
    const value = (this.#counts.get(key)?.value ?? 0) + by;
    this.#counts.set(key, { lane, metric, value });
  }
}
