// The last check of a lane's settings before a submission takes its fence: is the lane paused, and
// does its rate permit another submission now. The pause is checked once more by the statement of
// the fence, which decides.
import { Inject, Injectable } from '@nestjs/common';
import type { LaneSettings } from '@quittance/persistence';
import { Unavailable } from '@quittance/platform';
import { RateLimited } from '@quittance/queues';
import { LaneRate } from './lane-rate.js';

/** A job that was taken before its worker paused comes back after this time. */
const PAUSED_FOR_SECONDS = 5;

@Injectable()
export class LaneGate {
  #lanes: ReadonlyMap<string, LaneSettings> = new Map();
  /** By lane, the monotonic time at which the second ends whose rate is used up. */
  readonly #limitedUntil = new Map<string, number>();

  constructor(@Inject(LaneRate) private readonly rate: Pick<LaneRate, 'take'>) {}

  /** Replaces the settings of all lanes. */
  set(lanes: readonly LaneSettings[]): void {
    this.#lanes = new Map(lanes.map((lane) => [lane.name, lane]));
  }

  /** Throws Unavailable `lane_paused` while the lane is paused. */
  checkPause(lane: string): void {
    if ((this.#lanes.get(lane)?.pausedReason ?? null) === null) return;
    throw lanePaused();
  }

  /**
   * Takes one submission of the lane's rate. Rejects with {@link RateLimited} when the rate of this
   * second is used up.
   */
  async takeRate(lane: string): Promise<void> {
    const perSecond = this.#lanes.get(lane)?.ratePerSecond ?? null;
    if (perSecond === null) return;
    const waitMs = await this.rate.take(lane, perSecond);
    if (waitMs === 0) return;
    this.#limitedUntil.set(lane, performance.now() + waitMs);
    throw new RateLimited(waitMs);
  }

  /** Returns the milliseconds for which the lane's rate is used up; 0 if it is not. */
  limitedForMs(lane: string): number {
    return Math.max(0, (this.#limitedUntil.get(lane) ?? 0) - performance.now());
  }
}

/** Returns the fault that puts a job of a paused lane off. */
export function lanePaused(): Unavailable {
  const message = 'The lane is paused. Nothing was sent.';
  return new Unavailable('lane_paused', message, { retryAfterSeconds: PAUSED_FOR_SECONDS });
}
