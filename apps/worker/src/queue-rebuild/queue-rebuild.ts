// Refills the queues from Postgres after Redis has lost data. A Redis that was flushed has lost the
// mark that this file sets; one that was restarted or replaced by a replica has another run id; one
// that became primary again, after another one was, has another history of its data (the
// `master_replid` of Redis). In all cases jobs may be missing. Consumers drop repeats.
import { Injectable } from '@nestjs/common';
import { QueueWatch, type RememberedQueues } from '@quittance/persistence';
import { Clock, crashPoint, Logger } from '@quittance/platform';
import { RedisConnections, RedisSettings } from '@quittance/queues';
import { WorkerLanes } from '../lanes/worker-lanes.js';
import { UndeliveredEvents } from './undelivered-events.js';

/**
 * The interval of {@link UndeliveredEvents.oldest}, which costs more than the check itself. A
 * refill starts up to this much earlier than it has to.
 */
const NOTE_AFTER_MS = 30_000;

/** The Redis that answers, and the one that a worker has marked in it. */
interface SeenRedis {
  readonly runId: string;
  readonly history: string | undefined;
  readonly markedRunId: string | null;
  /** Null until a worker of a version that marks it has looked. */
  readonly markedHistory: string | null;
}

@Injectable()
export class QueueRebuild {
  readonly #markKey: string;
  readonly #historyKey: string;

  constructor(
    private readonly watch: QueueWatch,
    private readonly redis: RedisConnections,
    private readonly undelivered: UndeliveredEvents,
    private readonly lanes: WorkerLanes,
    private readonly clock: Clock,
    private readonly log: Logger,
    { prefix }: RedisSettings,
  ) {
    this.#markKey = `${prefix}-mark`;
    this.#historyKey = `${prefix}:history`;
  }

  /**
   * Refills the queues if Redis has lost them, otherwise records up to which instant events are
   * handled. Rejects while Redis or Postgres is unavailable.
   */
  async check(): Promise<void> {
    const now = this.clock.now();
    const [seen, remembered] = await Promise.all([this.#look(), this.watch.recall()]);
    const { runId, history, markedHistory } = seen;
    if (remembered && isKnown(seen, remembered)) {
      if (markedHistory === null) await this.#markHistory(history);
      await this.#noteDelivered(remembered, now);
      return;
    }
    // Redis has lost the lanes' concurrency too. Before there are jobs, it must be back.
    await this.lanes.apply();
    crashPoint('rebuild.before-commit');
    const refilled = await this.watch.refill(runId, now);
    crashPoint('rebuild.after-commit');
    // After the commit: if the process dies before this, the next check refills once more, which is
    // harmless.
    await this.#markHistory(history);
    await this.redis.producer.set(this.#markKey, runId);
    if (remembered)
      this.log.warn(refilled, 'Redis had lost its queues; they were refilled from Postgres');
  }

  async #noteDelivered(remembered: RememberedQueues, now: Date): Promise<void> {
    const { redisRunId, deliveredBefore: known } = remembered;
    if (now.getTime() - known.getTime() < NOTE_AFTER_MS) return;
    const deliveredBefore = await this.undelivered.oldest(now);
    if (!deliveredBefore) return;
    // Queues that were lost meanwhile look as if all their events had been handled.
    if (!isKnown(await this.#look(), remembered)) return;
    await this.watch.noteDelivered({ redisRunId, deliveredBefore });
  }

  async #markHistory(history: string | undefined): Promise<void> {
    if (history !== undefined) await this.redis.producer.set(this.#historyKey, history);
  }

  async #look(): Promise<SeenRedis> {
    const { producer } = this.redis;
    const [server, replication, markedRunId, markedHistory] = await Promise.all([
      producer.info('server'),
      producer.info('replication'),
      producer.get(this.#markKey),
      producer.get(this.#historyKey),
    ]);
    const runId = /^run_id:(\w+)/m.exec(server)?.[1];
    if (runId === undefined) throw new Error('Redis does not report its run_id');
    const history = /^master_replid:(\w+)/m.exec(replication)?.[1];
    return { runId, history, markedRunId, markedHistory };
  }
}

function isKnown(seen: SeenRedis, { redisRunId }: RememberedQueues): boolean {
  const { runId, history, markedRunId, markedHistory } = seen;
  if (redisRunId !== runId || markedRunId !== runId) return false;
  return markedHistory === null || history === undefined || markedHistory === history;
}
