// The time in which the queue of a lane empties at its present rate: its depth, and the jobs that
// its workers have ended, as BullMQ counts them in Redis. It is an estimate, for `Retry-After` and
// for operators; no payment depends on it.
import { type Metrics, within } from '@quittance/platform';
import { queueOf } from './jobs.js';
import type { QueueRegistry } from './queue-registry.js';

/** A reading of a queue: its waiting jobs, and the jobs that ended since Redis counts them. */
export interface DrainReading {
  readonly atMs: number;
  readonly depth: number;
  readonly ended: number;
}

/** The rate is measured over this time. */
const WINDOW_MS = 30_000;
const READ_LIMIT_MS = 1_000;

/** The readings of each lane's queue; see the top of this file. */
export class LaneDrains {
  readonly #readings = new Map<string, readonly DrainReading[]>();

  constructor(private readonly queues: QueueRegistry) {}

  /** Reads the queues of the lanes. A lane that cannot be read has no estimate. */
  async read(lanes: readonly string[]): Promise<void> {
    const known = new Set(lanes);
    for (const lane of this.#readings.keys()) if (!known.has(lane)) this.#readings.delete(lane);
    await Promise.all(lanes.map((lane) => this.#readLane(lane)));
  }

  /**
   * The seconds until the queue of the lane is empty; `Infinity` when nothing ends, `undefined`
   * when it is unknown.
   */
  secondsOf(lane: string): number | undefined {
    return drainSeconds(this.#readings.get(lane) ?? []);
  }

  /** Exports the estimates of the lanes that were read last. */
  observe(metrics: Metrics): void {
    metrics.gauge({
      name: 'lane_drain_seconds',
      help: 'Time until the queue of a lane is empty at its present rate.',
      labels: ['lane'],
      collect: (gauge) => {
        gauge.reset();
        for (const lane of this.#readings.keys()) {
          const seconds = this.secondsOf(lane);
          if (seconds !== undefined) gauge.set({ lane }, seconds);
        }
      },
    });
  }

  async #readLane(lane: string): Promise<void> {
    try {
      const reading = await within(READ_LIMIT_MS, this.#reading(lane));
      const recent = (this.#readings.get(lane) ?? []).filter(
        ({ atMs, ended }) => atMs > reading.atMs - WINDOW_MS && ended <= reading.ended,
      );
      this.#readings.set(lane, [...recent, reading]);
    } catch {
      this.#readings.delete(lane);
    }
  }

  async #reading(lane: string): Promise<DrainReading> {
    const queue = this.queues.get(queueOf('payment.submit.v1', lane));
    const [counts, { meta }] = await Promise.all([
      queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active'),
      queue.getMetrics('completed', 0, 0),
    ]);
    const depth = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return { atMs: performance.now(), depth, ended: meta.count };
  }
}

/** Returns the seconds until a queue is empty, from readings in order; see {@link LaneDrains}. */
export function drainSeconds(readings: readonly DrainReading[]): number | undefined {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last) return undefined;
  if (last.depth === 0) return 0;
  if (first === last) return undefined;
  const seconds = (last.atMs - first.atMs) / 1_000;
  return last.depth / ((last.ended - first.ended) / seconds);
}
