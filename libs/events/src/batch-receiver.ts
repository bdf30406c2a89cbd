// Receives a batch of events: all in one transaction when all goes well, each in its own when one of them fails, so
// that an event that cannot be handled keeps nobody else's back.
import { within } from '@quittance/platform';
import type { PaymentEvent } from './contract.js';
import type { ConsumerMetrics } from './consumer-metrics.js';
import { EventDelivery } from './event-delivery.js';
import type { EventHandlers } from './event-handlers.js';
import { type EventInbox, InboxUnavailable } from './event-inbox.js';

/** An event whose handler failed, was too slow, or whose effect could not be committed. */
export interface FailedEvent {
  readonly event: PaymentEvent;
  readonly error: unknown;
}

/** Payments worked on at once when events are tried one by one: a few hanging handlers must not hold up the rest. */
const ONE_BY_ONE_AT_ONCE = 4;

/** Receives batches; see the top of this file. */
export class BatchReceiver {
  /** A handler, and the writes before a commit, may take `handlerTimeoutMs` each. */
  constructor(
    private readonly inbox: EventInbox,
    private readonly handlers: EventHandlers,
    private readonly metrics: ConsumerMetrics,
    private readonly handlerTimeoutMs: number,
  ) {}

  /**
   * Resolves with the events that failed; every other has been handled, now or earlier. Rejects with
   * {@link InboxUnavailable} when the database is away: some may have been handled, and all may be received again.
   */
  async receive(events: readonly PaymentEvent[], attempt: number): Promise<readonly FailedEvent[]> {
    try {
      await this.#receiveTogether(events, attempt);
      return [];
    } catch (error) {
      if (error instanceof InboxUnavailable) throw error;
      const [only, another] = events;
      if (only && !another) return [this.#failed(only, error)];
    }
    return this.#receiveOneByOne(events, attempt);
  }

  async #receiveTogether(events: readonly PaymentEvent[], attempt: number): Promise<void> {
    const observe = this.metrics.startTransaction();
    const fresh: PaymentEvent[] = [];
    await this.inbox.receive(events, async (newEvents, connection) => {
      fresh.push(...newEvents);
      const delivery = new EventDelivery(connection, attempt);
      try {
        for (const event of newEvents) {
          await within(this.handlerTimeoutMs, this.handlers.handle(event, delivery));
        }
        await within(this.handlerTimeoutMs, delivery.write());
      } finally {
        delivery.end();
      }
    });
    observe(fresh, events.length - fresh.length);
  }

  /** Payments side by side, the events of one payment in their order. */
  async #receiveOneByOne(
    events: readonly PaymentEvent[],
    attempt: number,
  ): Promise<readonly FailedEvent[]> {
    const payments = byPayment(events).values();
    const failed: FailedEvent[] = [];
    const takePayments = async () => {
      for (const ofOnePayment of payments) {
        for (const event of ofOnePayment) {
          await this.#receiveTogether([event], attempt).catch((error: unknown) => {
            if (error instanceof InboxUnavailable) throw error;
            failed.push(this.#failed(event, error));
          });
        }
      }
    };
    await Promise.all(Array.from({ length: ONE_BY_ONE_AT_ONCE }, takePayments));
    return failed;
  }

  #failed(event: PaymentEvent, error: unknown): FailedEvent {
    this.metrics.countFailure(event);
    return { event, error };
  }
}

function byPayment(events: readonly PaymentEvent[]): ReadonlyMap<string, readonly PaymentEvent[]> {
  const groups = new Map<string, PaymentEvent[]>();
  for (const event of events) {
    const group = groups.get(event.subject);
    if (group) group.push(event);
    else groups.set(event.subject, [event]);
  }
  return groups;
}
