// Refills the queues from Postgres after Redis has lost data. A Redis that was flushed has lost the
// mark that this file sets; one that was restarted or replaced by a replica has another run id. In
// both cases jobs may be missing. Consumers drop repeats.
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

@Injectable()
export class QueueRebuild {
  readonly #markKey: string;

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
  }

  /**
   * Refills the queues if Redis has lost them, otherwise records up to which instant events are
   * handled. Rejects while Redis or Postgres is unavailable.
   */
  async check(): Promise<void> {
    const now = this.clock.now();
    const [runId, mark, remembered] = await Promise.all([
      this.#runId(),
      this.redis.producer.get(this.#markKey),
      this.watch.recall(),
    ]);
    if (remembered?.redisRunId === runId && mark === runId) {
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
    await this.redis.producer.set(this.#markKey, runId);
    if (remembered)
      this.log.warn(refilled, 'Redis had lost its queues; they were refilled from Postgres');
  }

  async #noteDelivered(
    { redisRunId, deliveredBefore: known }: RememberedQueues,
    now: Date,
  ): Promise<void> {
    if (now.getTime() - known.getTime() < NOTE_AFTER_MS) return;
    const deliveredBefore = await this.undelivered.oldest(now);
    if (deliveredBefore) await this.watch.noteDelivered({ redisRunId, deliveredBefore });
  }

  async #runId(): Promise<string> {
    const info = await this.redis.producer.info('server');
    const runId = /^run_id:(\w+)/m.exec(info)?.[1];
    if (runId === undefined) throw new Error('Redis does not report its run_id');
    return runId;
  }
}
