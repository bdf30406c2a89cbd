// Redis is disposable. A Redis that was flushed has lost our mark; one that was restarted, or
// replaced by a replica, has another run id: in both cases jobs may be missing, and the queues are
// filled again from Postgres. Repeats are dropped downstream.
import { Injectable } from '@nestjs/common';
import { QueueWatch, type RememberedQueues } from '@quittance/persistence';
import { Clock, crashPoint, Logger } from '@quittance/platform';
import { RedisConnections, RedisSettings } from '@quittance/queues';
import { UndeliveredEvents } from './undelivered-events.js';

/**
 * Looking through the queues costs more than looking whether they are there; a refill starts this
 * much earlier instead.
 */
const NOTE_AFTER_MS = 30_000;

@Injectable()
export class QueueRebuild {
  readonly #markKey: string;

  constructor(
    private readonly watch: QueueWatch,
    private readonly redis: RedisConnections,
    private readonly undelivered: UndeliveredEvents,
    private readonly clock: Clock,
    private readonly log: Logger,
    { prefix }: RedisSettings,
  ) {
    this.#markKey = `${prefix}-mark`;
  }

  /**
   * One look: refills what was lost, or notes how far events are handled. Rejects while Redis or
   * Postgres is away.
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
    crashPoint('rebuild.before-commit');
    const refilled = await this.watch.refill(runId, now);
    crashPoint('rebuild.after-commit');
    // Only now: if we die before this, the next look refills once more, which is harmless.
    await this.redis.producer.set(this.#markKey, runId);
    if (remembered)
      this.log.warn(refilled, 'Redis had lost its queues; they are filled again from Postgres');
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
    if (runId === undefined) throw new Error('Redis does not tell its run_id');
    return runId;
  }
}
