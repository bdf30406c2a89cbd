// Applies the settings of the lanes in Postgres to this worker and to Redis, and writes to Postgres
// which lanes this worker serves. BullMQ keeps the concurrency that all workers share in Redis,
// which may be emptied: every pass puts it back, and so does a refill of the queues before it adds
// jobs.
import { Injectable } from '@nestjs/common';
import { LaneHeartbeats, Lanes, type LaneSettings } from '@quittance/persistence';
import { Logger, Metrics } from '@quittance/platform';
import { queueOf, QueueRegistry } from '@quittance/queues';
import { Breakers } from '../breaker/breakers.js';
import { WorkerPlaces } from '../places/worker-places.js';
import { LaneGate } from './lane-gate.js';

@Injectable()
export class WorkerLanes {
  readonly #gauges;
  #known: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly lanes: Lanes,
    private readonly heartbeats: LaneHeartbeats,
    private readonly gate: LaneGate,
    private readonly places: WorkerPlaces,
    private readonly breakers: Breakers,
    private readonly queues: QueueRegistry,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.#gauges = {
      paused: metrics.gauge({
        name: 'lane_paused',
        help: '1 while an operator has paused the lane, otherwise 0.',
        labels: ['lane'],
      }),
      concurrency: metrics.gauge({
        name: 'lane_concurrency',
        help: 'Most submissions of the lane in flight, of all workers together; absent without a limit.',
        labels: ['lane'],
      }),
      rate: metrics.gauge({
        name: 'lane_rate_per_second',
        help: 'Most submissions of the lane that start in a second; absent without a limit.',
        labels: ['lane'],
      }),
    };
  }

  /**
   * Reads the settings and applies them. Resolves with the lanes to serve. Rejects while Postgres
   * or Redis is unavailable; the gate then has the last settings that were read.
   */
  async apply(): Promise<readonly LaneSettings[]> {
    const lanes = await this.lanes.list();
    this.gate.set(lanes);
    for (const { name, concurrency } of lanes) this.places.limitSubmissions(name, concurrency);
    this.#report(lanes);
    await this.#beat(lanes);
    await Promise.all(lanes.map((lane) => this.#shareConcurrency(lane)));
    return lanes;
  }

  /** Reads the names of all lanes. */
  async names(): Promise<readonly string[]> {
    return (await this.lanes.list()).map(({ name }) => name);
  }

  /** Shows that this worker takes no more jobs. Without Postgres that is seen ten seconds later. */
  async leave(): Promise<void> {
    await this.heartbeats.remove().catch(() => undefined);
  }

  #beat(lanes: readonly LaneSettings[]): Promise<void> {
    const served = lanes.map(({ name }) => {
      const { inUse, count } = this.places.submissions(name);
      const openBreakers = this.breakers.openIn(name);
      const limitedForMs = this.gate.limitedForMs(name);
      return { lane: name, inFlight: inUse, concurrency: count, openBreakers, limitedForMs };
    });
    return this.heartbeats.write(served);
  }

  async #shareConcurrency({ name, concurrency }: LaneSettings): Promise<void> {
    const queue = this.queues.get(queueOf('payment.submit.v1', name));
    if ((await queue.getGlobalConcurrency()) === concurrency) return;
    if (concurrency === null) await queue.removeGlobalConcurrency();
    else await queue.setGlobalConcurrency(concurrency);
  }

  #report(lanes: readonly LaneSettings[]): void {
    const { paused, concurrency, rate } = this.#gauges;
    for (const gauge of [paused, concurrency, rate]) gauge.reset();
    for (const lane of lanes) {
      const labels = { lane: lane.name };
      paused.set(labels, lane.pausedReason === null ? 0 : 1);
      if (lane.concurrency !== null) concurrency.set(labels, lane.concurrency);
      if (lane.ratePerSecond !== null) rate.set(labels, lane.ratePerSecond);
    }
    this.breakers.report(lanes.map(({ name }) => name));
    this.#logChanges(lanes);
  }

  #logChanges(lanes: readonly LaneSettings[]): void {
    const known = new Map(
      lanes.map(({ name, concurrency, ratePerSecond, pausedReason }) => [
        name,
        JSON.stringify({ concurrency, ratePerSecond, isPaused: pausedReason !== null }),
      ]),
    );
    for (const [lane, settings] of known) {
      if (this.#known.has(lane) && this.#known.get(lane) !== settings)
        this.log.info({ lane, settings: JSON.parse(settings) as object }, 'a lane was changed');
    }
    this.#known = known;
  }
}
