// Finds the instant up to which all events are handled: the commit time of the oldest event that is
// still in a subscriber's queue.
import { Injectable } from '@nestjs/common';
import { type PublishedEvent, subscriberQueue } from '@quittance/events';
import { EventSettings } from '@quittance/modules';
import { QueueRegistry } from '@quittance/queues';

/** All states but completed. The events of a failed job are not handled either. */
const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
/** Most jobs read per state. With more, the instant is unknown and the recorded one stays. */
const LOOKED_AT_MAX = 50;

@Injectable()
export class UndeliveredEvents {
  constructor(
    private readonly queues: QueueRegistry,
    private readonly settings: EventSettings,
  ) {}

  /** The names of the subscribers' queues. */
  queueNames(): readonly string[] {
    return this.settings.subscribers.map(subscriberQueue);
  }

  /**
   * Resolves with an instant before which every event is handled: `now` when all queues are empty,
   * `undefined` when there are too many jobs to read. Events still in the outbox do not count,
   * because they are in Postgres.
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
      (job) => (job?.data as { events: PublishedEvent[] } | undefined)?.events ?? [],
    );
    return Math.min(Infinity, ...times.map(({ time }) => Date.parse(time)));
  }
}
