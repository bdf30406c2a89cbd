// Passes the events of jobs to the subscriber's handlers. Jobs that arrive together share a
// transaction, because a transaction costs the same for one event as for a hundred. If one event
// fails, each is received in a transaction of its own, so that it blocks no other. A single event
// does not wait: batches form only while others are in flight.
import { Batcher, batchSpan, currentTraceparent, inSpan, within } from '@quittance/platform';
import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { patternToRegExp, type PublishedEvent } from './contract.js';
import type { ConsumerMetrics } from './consumer-metrics.js';
import { EventDelivery, type EventInbox, InboxUnavailable } from './event-inbox.js';

/** The most jobs that share a transaction; with a hundred events each that is a thousand rows. */
export const JOBS_PER_TRANSACTION = 10;

/** Collects the events of jobs into batches; see the top of this file. */
export class EventIntake {
  readonly #receiver: BatchReceiver;
  readonly #order = new SubjectOrder();
  readonly #together: Batcher<readonly PublishedEvent[], readonly FailedEvent[]>;

  /** `transactions` is the most at once for events on their first attempt. */
  constructor(receiver: BatchReceiver, transactions: number) {
    this.#receiver = receiver;
    this.#together = new Batcher({
      run: (jobs) => this.#receiveTogether(jobs),
      maxBatch: JOBS_PER_TRANSACTION,
      maxConcurrent: transactions,
      // The receiver has isolated the failures; it rejects only when the database is unavailable,
      // which affects all events.
      isolateFailures: false,
    });
  }

  /**
   * Receives events as {@link BatchReceiver.receive} does. A further attempt runs alone, because it
   * is likely to fail again and would fail others with it.
   */
  take(events: readonly PublishedEvent[], attempt: number): Promise<readonly FailedEvent[]> {
    return attempt === 1 ? this.#together.submit(events) : this.#receive(events, attempt);
  }

  async #receiveTogether(
    jobs: readonly (readonly PublishedEvent[])[],
  ): Promise<readonly (readonly FailedEvent[])[]> {
    const failed = await this.#receive(jobs.flat(), 1);
    return jobs.map((events) => failed.filter(({ event }) => events.includes(event)));
  }

  #receive(events: readonly PublishedEvent[], attempt: number): Promise<readonly FailedEvent[]> {
    const subjects = events.map((event) => event.subject);
    return this.#order.run(subjects, () => this.#receiver.receive(events, attempt));
  }
}

/** An event whose handler failed or was too slow, or whose effect could not be committed. */
export interface FailedEvent {
  readonly event: PublishedEvent;
  readonly error: unknown;
}

/**
 * The payments and refunds handled at once when events are received one by one: a few hanging
 * handlers must not block the rest.
 */
const ONE_BY_ONE_AT_ONCE = 4;

/** Receives batches; see the top of this file. */
export class BatchReceiver {
  /** Each handler, and the writes before a commit, may take `handlerTimeoutMs`. */
  constructor(
    private readonly inbox: EventInbox,
    private readonly handlers: EventHandlers,
    private readonly metrics: ConsumerMetrics,
    private readonly handlerTimeoutMs: number,
  ) {}

  /**
   * Resolves with the events that failed; every other one was handled, now or earlier. Rejects with
   * {@link InboxUnavailable} if the database is unavailable: some may have been handled, and all
   * may be received again.
   */
  async receive(
    events: readonly PublishedEvent[],
    attempt: number,
  ): Promise<readonly FailedEvent[]> {
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

  #receiveTogether(events: readonly PublishedEvent[], attempt: number): Promise<void> {
    const transaction = () => this.#inOneTransaction(events, attempt);
    const traceparents = events.map(({ traceparent }) => traceparent);
    return inSpan('events.receive', batchSpan('consumer', traceparents), transaction);
  }

  async #inOneTransaction(events: readonly PublishedEvent[], attempt: number): Promise<void> {
    const observe = this.metrics.startTransaction();
    const fresh: PublishedEvent[] = [];
    await this.inbox.receive(events, async (newEvents, connection) => {
      fresh.push(...newEvents);
      const delivery = new EventDelivery(connection, attempt);
      try {
        for (const event of newEvents) {
          await within(this.handlerTimeoutMs, this.#handle(event, delivery));
        }
        await within(this.handlerTimeoutMs, delivery.write());
      } finally {
        delivery.end();
      }
    });
    observe(fresh, events.length - fresh.length);
  }

  /** Handles an event in the payment's own trace, if it has one. */
  #handle(event: PublishedEvent, delivery: EventDelivery): Promise<void> {
    const { id, type, traceparent } = event;
    const handling = () => this.handlers.handle(event, delivery);
    if (traceparent === undefined) return handling();
    const attributes = { 'cloudevents.event_id': id, 'cloudevents.event_type': type };
    const links = [currentTraceparent()];
    return inSpan(
      'event.handle',
      { kind: 'consumer', parent: traceparent, links, attributes },
      handling,
    );
  }

  /** Receives subjects side by side, and the events of one subject in their order. */
  async #receiveOneByOne(
    events: readonly PublishedEvent[],
    attempt: number,
  ): Promise<readonly FailedEvent[]> {
    const subjects = bySubject(events).values();
    const failed: FailedEvent[] = [];
    const takeSubjects = async () => {
      for (const ofOneSubject of subjects) {
        for (const event of ofOneSubject) {
          await this.#receiveTogether([event], attempt).catch((error: unknown) => {
            if (error instanceof InboxUnavailable) throw error;
            failed.push(this.#failed(event, error));
          });
        }
      }
    };
    await Promise.all(Array.from({ length: ONE_BY_ONE_AT_ONCE }, takeSubjects));
    return failed;
  }

  #failed(event: PublishedEvent, error: unknown): FailedEvent {
    this.metrics.countFailure(event);
    return { event, error };
  }
}

function bySubject(
  events: readonly PublishedEvent[],
): ReadonlyMap<string, readonly PublishedEvent[]> {
  const groups = new Map<string, PublishedEvent[]>();
  for (const event of events) {
    const group = groups.get(event.subject);
    if (group) group.push(event);
    else groups.set(event.subject, [event]);
  }
  return groups;
}

/**
 * The handlers by pattern: an event's type, or a text in which `*` matches anything, as in
 * `payment.*`.
 */
export class EventHandlers {
  readonly #patterns: readonly { readonly matches: RegExp; readonly handler: MessageHandler }[];
  readonly #byType = new Map<string, readonly MessageHandler[]>();

  constructor(handlers: ReadonlyMap<string, MessageHandler>) {
    this.#patterns = [...handlers].map(([pattern, handler]) => ({
      matches: patternToRegExp(pattern),
      handler,
    }));
  }

  /**
   * Runs every handler whose pattern matches, one after the other; rejects with the first failure.
   */
  async handle(event: PublishedEvent, delivery: EventDelivery): Promise<void> {
    for (const handler of this.#for(event.type)) {
      const result: unknown = await handler(event, delivery);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    }
  }

  #for(type: string): readonly MessageHandler[] {
    const known = this.#byType.get(type);
    if (known) return known;
    const handlers = this.#patterns.flatMap(({ matches, handler }) =>
      matches.test(type) ? [handler] : [],
    );
    this.#byType.set(type, handlers);
    return handlers;
  }
}

/** Runs tasks concurrently unless they share a subject. */
export class SubjectOrder {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `task` after every earlier task with one of these subjects has ended. */
  async run<T>(subjects: readonly string[], task: () => Promise<T>): Promise<T> {
    const own = new Set(subjects);
    const before = [...own].flatMap((subject) => this.#tails.get(subject) ?? []);
    const result = before.length === 0 ? task() : Promise.allSettled(before).then(task);
    for (const subject of own) this.#tails.set(subject, result);
    try {
      return await result;
    } finally {
      for (const subject of own) {
        if (this.#tails.get(subject) === result) this.#tails.delete(subject);
      }
    }
  }
}
