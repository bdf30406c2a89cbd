// Up to which instant all events are handled: the commit time of the oldest one that is still in a
// subscriber's queue.
import { Injectable } from '@nestjs/common';
import { type PaymentEvent, subscriberQueue } from '@quittance/events';
import { EventSettings } from '@quittance/modules';
import { QueueRegistry } from '@quittance/queues';

/** Everything but completed: a failed job's events are not handled either. */
const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
/**
 * Jobs looked at per state; with more than this, the answer is "cannot say" and the known instant
 * stays.
 */
const LOOKED_AT_MAX = 50;

@Injectable()
export class UndeliveredEvents {
  constructor(
    private readonly queues: QueueRegistry,
    private readonly settings: EventSettings,
  ) {}

  /**
   * An instant before which nothing is undelivered: `now` when all queues are empty, `undefined`
   * when there are too many jobs to look through. What is still in the outbox does not count: it is
   * in Postgres.
   */
  async oldest(now: Date): Promise<Date | undefined> {
    const oldest = await Promise.all(
      this.settings.subscribers.map((subscriber) => this.#oldestOf(subscriber)),
    );
    if (oldest.includes(undefined)) return undefined;
    return new Date(Math.min(now.getTime(), ...(oldest as number[])));
  }

  async #oldestOf(subscriber: string): Promise<number | undefined> {
    const queue = this.queues.get(subscriberQueue(subscriber));
    const counts = await queue.getJobCounts(...STATES);
    if (Object.values(counts).some((count) => count > LOOKED_AT_MAX)) return undefined;
    const jobs = await queue.getJobs([...STATES]);
    const times = jobs.flatMap(
      (job) => (job?.data as { events: PaymentEvent[] } | undefined)?.events ?? [],
    );
    return Math.min(Infinity, ...times.map(({ time }) => Date.parse(time)));
  }
}
