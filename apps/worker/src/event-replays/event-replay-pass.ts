// Carries out the replays of spans of time that operators requested. It stops while the subscribers
// are behind, so that a replay of millions of events neither fills Redis nor delays new events by
// more than a moment.
import { Injectable } from '@nestjs/common';
import { EventPublisher, subscriberQueue } from '@quittance/events';
import { EventSettings } from '@quittance/modules';
import { EventReplays } from '@quittance/persistence';
import { Logger, within } from '@quittance/platform';
import { QueueRegistry } from '@quittance/queues';

const EVENTS_AT_ONCE = 500;
/** Batches that wait at a subscriber; with more the replay pauses. */
const WAITING_MAX = 20;
/** The row of the replay is locked meanwhile; below Postgres's limit for an idle transaction. */
const PUBLISHED_WITHIN_MS = 4_000;
const WIDTH_MIN_MS = 1_000;
/** An empty year takes thousands of statements of a millisecond; a dense hour, a sort of it. */
const WIDTH_MAX_MS = 3_600_000;
/** After a batch that failed, perhaps because Postgres cancelled the read of too many events. */
const NARROWER_AFTER_FAILURE = 16;

@Injectable()
export class EventReplayPass {
  /** Doubles while little is found, and falls where events are dense. */
  #widthMs = 60_000;

  constructor(
    private readonly replays: EventReplays,
    private readonly publisher: EventPublisher,
    private readonly queues: QueueRegistry,
    private readonly settings: EventSettings,
    private readonly log: Logger,
  ) {}

  /** Publishes one batch. Resolves with `'again'` while there is more. */
  async replay(): Promise<'again' | undefined> {
    const { subscribers } = this.settings;
    const step = { subscribers, widthMs: this.#widthMs, limit: EVENTS_AT_ONCE };
    let isBehind = false;
    const stepping = this.replays.step(step, async (messages, subscriber) => {
      const receivers = subscriber === null ? subscribers : [subscriber];
      await within(PUBLISHED_WITHIN_MS, this.publisher.publish(messages, subscriber ?? undefined));
      isBehind = await within(PUBLISHED_WITHIN_MS, this.#isBehind(receivers));
    });
    const batch = await stepping.catch((error: unknown) => {
      this.#narrow(NARROWER_AFTER_FAILURE);
      throw error;
    });
    if (!batch) return undefined;
    const { id, events, isOver } = batch;
    if (isOver) this.log.info({ replay: id }, 'a replay of events is over');
    if (events === EVENTS_AT_ONCE) this.#narrow(4);
    if (events < EVENTS_AT_ONCE / 2) this.#widthMs = Math.min(WIDTH_MAX_MS, this.#widthMs * 2);
    return isBehind ? undefined : 'again';
  }

  #narrow(by: number): void {
    this.#widthMs = Math.max(WIDTH_MIN_MS, Math.floor(this.#widthMs / by));
  }

  async #isBehind(subscribers: readonly string[]): Promise<boolean> {
    const waiting = await Promise.all(
      subscribers.map((name) => this.queues.get(subscriberQueue(name)).getWaitingCount()),
    );
    return waiting.some((count) => count > WAITING_MAX);
  }
}
