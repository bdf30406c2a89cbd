// Refills the queues from Postgres after Redis has lost data. A Redis that was flushed has lost the
// mark that this file sets; one that was restarted or replaced by a replica has another run id; one
// that became primary again, after another one was, has another history of its data. In all cases
// jobs may be missing. Consumers drop repeats. In a Cluster only the queues are refilled whose
// primary has lost them.
import { Injectable } from '@nestjs/common';
import {
  ALL_QUEUES,
  type LostQueues,
  QueueWatch,
  type RememberedQueues,
} from '@quittance/persistence';
import { Clock, crashPoint, Logger } from '@quittance/platform';
import { queueOf, RedisConnections, RedisSettings } from '@quittance/queues';
import { WorkerLanes } from '../lanes/worker-lanes.js';
import { isKnown, QueueMarks, type SeenRedis } from './queue-marks.js';
import { UndeliveredEvents } from './undelivered-events.js';

/**
 * The interval of {@link UndeliveredEvents.oldest}, which costs more than the check itself. A
 * refill starts up to this much earlier than it has to.
 */
const NOTE_AFTER_MS = 30_000;

@Injectable()
export class QueueRebuild {
  readonly #marks: QueueMarks;

  constructor(
    private readonly watch: QueueWatch,
    redis: RedisConnections,
    private readonly undelivered: UndeliveredEvents,
    private readonly lanes: WorkerLanes,
    private readonly clock: Clock,
    private readonly log: Logger,
    { prefix }: RedisSettings,
  ) {
    this.#marks = new QueueMarks(redis, prefix);
  }

  /**
   * Refills the queues if Redis has lost them, otherwise records up to which instant events are
   * handled. Rejects while Redis or Postgres is unavailable.
   */
  async check(): Promise<void> {
    const now = this.clock.now();
    const queues = await this.#watchedQueues();
    const [seen, remembered] = await Promise.all([this.#lookAt(queues), this.watch.recall()]);
    const lost = [...seen].filter(([queue, redis]) => !isKnown(redis, remembered?.runs.get(queue)));
    if (remembered && lost.length === 0) {
      for (const [queue, { markedHistory, history }] of seen)
        if (markedHistory === null) await this.#marks.markHistory(queue, history);
      await this.#noteDelivered(queues, remembered, now);
      return;
    }
    // Redis has lost the lanes' concurrency too. Before there are jobs, it must be back.
    await this.lanes.apply();
    crashPoint('rebuild.before-commit');
    const refilled = await this.#refill(new Map(lost), now);
    crashPoint('rebuild.after-commit');
    // After the commit: if the process dies before this, the next check refills once more, which is
    // harmless.
    for (const [queue, redis] of lost) await this.#marks.mark(queue, redis);
    const known = lost.flatMap(([queue]) => (remembered?.runs.has(queue) ? [queue] : []));
    const fields = { ...refilled, ...(this.#marks.isPerQueue && { queues: known }) };
    if (known.length > 0 || (remembered && !this.#marks.isPerQueue))
      this.log.warn(fields, 'Redis had lost its queues; they were refilled from Postgres');
  }

  /** Those whose jobs Postgres does not publish again by itself within minutes. */
  async #watchedQueues(): Promise<readonly string[]> {
    if (!this.#marks.isPerQueue) return [ALL_QUEUES];
    const lanes = await this.lanes.names();
    return [
      ...lanes.map((lane) => queueOf('payment.submit.v1', lane)),
      queueOf('refund.advance.v1'),
      ...this.undelivered.queueNames(),
    ];
  }

  async #lookAt(queues: readonly string[]): Promise<ReadonlyMap<string, SeenRedis>> {
    const looks = queues.map(async (queue) => [queue, await this.#marks.look(queue)] as const);
    return new Map(await Promise.all(looks));
  }

  async #refill(lost: ReadonlyMap<string, SeenRedis>, now: Date) {
    const whole = lost.get(ALL_QUEUES);
    if (whole) return this.watch.refill(whole.runId, now);
    const runs = new Map([...lost].map(([queue, { runId }]) => [queue, runId]));
    return this.watch.refillQueues(runs, now, await this.#lostOf(runs));
  }

  async #lostOf(queues: ReadonlyMap<string, string>): Promise<LostQueues> {
    const lanes = await this.lanes.names();
    return {
      events: this.undelivered.queueNames().some((queue) => queues.has(queue)),
      refunds: queues.has(queueOf('refund.advance.v1')),
      lanes: lanes.filter((lane) => queues.has(queueOf('payment.submit.v1', lane))),
    };
  }

  async #noteDelivered(
    queues: readonly string[],
    remembered: RememberedQueues,
    now: Date,
  ): Promise<void> {
    const { runs, deliveredBefore: known } = remembered;
    if (now.getTime() - known.getTime() < NOTE_AFTER_MS) return;
    const deliveredBefore = await this.undelivered.oldest(now);
    if (!deliveredBefore) return;
    // Queues that were lost meanwhile look as if all their events had been handled.
    const seen = await this.#lookAt(queues);
    if (![...seen].every(([queue, redis]) => isKnown(redis, runs.get(queue)))) return;
    await this.watch.noteDelivered({ runs, deliveredBefore });
  }
}
