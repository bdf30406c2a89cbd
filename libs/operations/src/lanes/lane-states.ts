// The lanes as operators see them: settings, workers, backlog and pace, and what holds each back.
import {
  LaneHeartbeats,
  Lanes,
  type ListedLane,
  percentileMs,
  QueuedLanes,
  Samples,
} from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import type { Pool } from 'pg';
import { type HeldBack, heldBack } from './held-back.js';

/** The queue of a lane in Redis. */
export interface LaneQueue {
  readonly name: string;
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  readonly failed: number;
  readonly is_paused: boolean;
}

/** The sources of the facts. `queues` is null while Redis is unavailable. */
export interface LaneSources {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly queues: readonly LaneQueue[] | null;
}

/** A lane at one moment. Members have the names of the ops API. */
export interface LaneState {
  readonly name: string;
  readonly terminals: number;
  readonly concurrency: number | null;
  readonly rate_per_second: number | null;
  readonly pause: { readonly at: Date; readonly by: string; readonly reason: string } | null;
  readonly workers: number;
  readonly in_flight: number;
  /** Most submissions in flight, of all workers. */
  readonly places: number;
  /** Terminals whose breaker is open, as `merchant/terminal`. */
  readonly open_breakers: readonly string[];
  /** Null while Redis is unavailable. */
  readonly jobs: Readonly<Record<'waiting' | 'delayed' | 'active' | 'failed', number>> | null;
  /** Time since the oldest queued payment was accepted; null when none is queued. */
  readonly oldest_seconds: number | null;
  /** First attempts, over the last minute. */
  readonly sent_per_second: number;
  /** From acceptance to the first attempt, of those; null without one. */
  readonly wait_p95_seconds: number | null;
  /** Time until the jobs are done at this pace; null when none is done, or Redis is unavailable. */
  readonly drain_seconds: number | null;
  readonly held_back: HeldBack;
}

const MINUTE_MS = 60_000;
/** Short, so that a gateway that begins to hang is seen. */
const RECENT_MS = 15_000;
/** Processes write their counts once a second. */
const WRITTEN_WITHIN_MS = 1_000;
const QUEUE = 'submission-';

/** Reads the state of every lane, sorted by name. */
export async function loadLanes({ pool, clock, queues }: LaneSources): Promise<LaneState[]> {
  const to = new Date(clock.now().getTime() - WRITTEN_WITHIN_MS);
  const since = (ms: number) => ({ from: new Date(to.getTime() - ms), to });
  const [samples, heartbeats] = [new Samples(pool), new LaneHeartbeats(pool)];
  const [lanes, queued, served, held, minute, recent] = await Promise.all([
    new Lanes(pool).list(),
    new QueuedLanes(pool).list(),
    heartbeats.read(),
    heartbeats.heldTerminals(),
    samples.sums(since(MINUTE_MS)),
    samples.sums(since(RECENT_MS)),
  ]);
  return lanes.map((lane) => {
    const ofLane = <T extends { readonly lane: string }>(rows: readonly T[]) =>
      rows.filter((row) => row.lane === lane.name);
    return stateOf(lane, {
      queue: queues && (queues.find(({ name }) => name === `${QUEUE}${lane.name}`) ?? EMPTY),
      oldestSeconds: ofLane(queued)[0]?.oldestSeconds ?? null,
      served: ofLane(served),
      held: ofLane(held).map(({ merchant, terminal }) => `${merchant}/${terminal}`),
      minute: countsOf(ofLane(minute)),
      recent: countsOf(ofLane(recent)),
    });
  });
}

/** A lane whose terminal was added a moment ago. */
const EMPTY: LaneQueue = {
  name: '',
  waiting: 0,
  delayed: 0,
  active: 0,
  failed: 0,
  is_paused: false,
};

type Counts = Readonly<Record<string, number>>;

function countsOf(rows: readonly { readonly metric: string; readonly value: number }[]): Counts {
  return Object.fromEntries(rows.map(({ metric, value }) => [metric, value]));
}

interface Parts {
  readonly queue: LaneQueue | null;
  readonly oldestSeconds: number | null;
  readonly served: Awaited<ReturnType<LaneHeartbeats['read']>>;
  readonly held: readonly string[];
  readonly minute: Counts;
  readonly recent: Counts;
}

function stateOf(lane: ListedLane, parts: Parts): LaneState {
  const { queue, oldestSeconds, served, held, minute, recent } = parts;
  const { name, terminals, concurrency, ratePerSecond, pausedAt, pausedBy, pausedReason } = lane;
  const pause = pausedAt && { at: pausedAt, by: pausedBy ?? '', reason: pausedReason ?? '' };
  const inFlight = served.reduce((sum, one) => sum + one.inFlight, 0);
  const places = served.reduce((sum, one) => sum + one.concurrency, 0);
  const sentPerSecond = (minute['sent'] ?? 0) / (MINUTE_MS / 1_000);
  const waitMs = percentileMs(minute, 'sent', 0.95);
  return {
    name,
    terminals,
    concurrency,
    rate_per_second: ratePerSecond,
    pause,
    workers: served.length,
    in_flight: inFlight,
    places,
    open_breakers: held,
    jobs: queue && {
      waiting: queue.waiting,
      delayed: queue.delayed,
      active: queue.active,
      failed: queue.failed,
    },
    oldest_seconds: oldestSeconds,
    sent_per_second: sentPerSecond,
    wait_p95_seconds: waitMs === null ? null : waitMs / 1_000,
    drain_seconds: queue && drainSeconds(queue, sentPerSecond),
    held_back: heldBack({
      pause,
      workers: served.length,
      inFlight,
      places,
      held,
      concurrency,
      ratePerSecond,
      isLimited: served.some(({ limitedUntil }) => limitedUntil !== null),
      sentPerSecond: (recent['sent'] ?? 0) / (RECENT_MS / 1_000),
      waiting: queue && queue.waiting,
      isQueuePaused: queue?.is_paused ?? false,
    }),
  };
}

function drainSeconds({ waiting, delayed, active }: LaneQueue, perSecond: number): number | null {
  const jobs = waiting + delayed + active;
  if (jobs === 0) return 0;
  return perSecond === 0 ? null : jobs / perSecond;
}
