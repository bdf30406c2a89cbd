// Measures the length of the queues and the age of their oldest waiting job, by reading Redis at
// each scrape. While Redis is unavailable the two metrics are absent: a wrong zero would look like
// an empty queue.
import type { Queue } from 'bullmq';
import { type Metrics, within } from '@quittance/platform';
import type { QueueRegistry } from './queue-registry.js';

/** The options of {@link registerQueueMetrics}. */
export interface QueueMetricsOptions {
  readonly metrics: Metrics;
  readonly queues: QueueRegistry;
  /** Returns the queues to measure. Called at each scrape, because lanes come and go. */
  readonly names: () => readonly string[] | Promise<readonly string[]>;
  /** The clock that expires a cached reading, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

const STATES = ['waiting', 'prioritized', 'active', 'delayed', 'failed'] as const;
type State = Exclude<(typeof STATES)[number], 'prioritized'> | 'paused';

/** The lifetime of a reading, which both gauges of a scrape and simultaneous scrapes share. */
const CACHE_MS = 1000;

/** A scrape must not hang on Redis; Prometheus gives up after 10 s. */
const TIMEOUT_MS = 1000;

interface QueueReading {
  readonly queue: string;
  readonly depths: Readonly<Record<State, number>>;
  readonly oldestWaitingSeconds: number;
}

/** Adds `quittance_queue_jobs{queue,state}` and `quittance_queue_oldest_waiting_seconds{queue}`. */
export function registerQueueMetrics(options: QueueMetricsOptions): void {
  const { metrics, queues, names, now = Date.now } = options;
  const readings = cached(now, async () => {
    const all = Promise.all((await names()).map((name) => read(queues.get(name))));
    return within(TIMEOUT_MS, all);
  });
  metrics.gauge({
    name: 'queue_jobs',
    help: 'Jobs in a queue, by state.',
    labels: ['queue', 'state'],
    collect: async (gauge) => {
      gauge.reset();
      for (const { queue, depths } of await readings()) {
        for (const [state, depth] of Object.entries(depths)) gauge.set({ queue, state }, depth);
      }
    },
  });
  metrics.gauge({
    name: 'queue_oldest_waiting_seconds',
    help: 'Age of the job that has waited longest in a queue, since it was added; 0 when none waits.',
    labels: ['queue'],
    collect: async (gauge) => {
      gauge.reset();
      for (const { queue, oldestWaitingSeconds } of await readings()) {
        gauge.set({ queue }, oldestWaitingSeconds);
      }
    },
  });
}

async function read(queue: Queue): Promise<QueueReading> {
  const [counts, isPaused, first] = await Promise.all([
    queue.getJobCounts(...STATES),
    queue.isPaused(),
    queue.getJobs(['waiting', 'prioritized'], 0, 0, true),
  ]);
  const { prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
  // Jobs that take turns have a state of their own in BullMQ. For an operator they wait.
  const waiting = (counts['waiting'] ?? 0) + prioritized;
  const oldestAt = Math.min(Date.now(), ...first.map(({ timestamp }) => timestamp));
  const oldestWaitingSeconds = (Date.now() - oldestAt) / 1000;
  // Jobs of a paused queue wait for an operator, so they count as a state of their own.
  const depths = {
    waiting: isPaused ? 0 : waiting,
    paused: isPaused ? waiting : 0,
    active,
    delayed,
    failed,
  };
  return { queue: queue.name, depths, oldestWaitingSeconds };
}

/** Caches the result of `readAll`. A failure is cached too, as an empty list. */
function cached(
  now: () => number,
  readAll: () => Promise<readonly QueueReading[]>,
): () => Promise<readonly QueueReading[]> {
  let last: Promise<readonly QueueReading[]> | undefined;
  let readAt = 0;
  return () => {
    if (last === undefined || now() - readAt > CACHE_MS) {
      readAt = now();
      last = readAll().catch(() => []);
    }
    return last;
  };
}
