// The metrics of a subscriber: events handled, their delay, failures, repeats and gaps.
import { type Clock, type Logger, type Metrics, systemClock } from '@quittance/platform';
import {
  eventRefundStatuses,
  eventStatuses,
  eventType,
  type PublishedEvent,
  refundEventType,
} from './contract.js';
import type { EventInbox } from './event-inbox.js';

/** In seconds, from "at once" to "the queue was stopped for hours". */
const AGE_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600];

/** The types that this version knows; those of a newer one are counted when they come. */
const TYPES = [...eventStatuses.map(eventType), ...eventRefundStatuses.map(refundEventType)];

/** The metrics of one subscriber. */
export class ConsumerMetrics {
  readonly #handled;
  readonly #failures;
  readonly #repeats;
  readonly #ended;
  readonly #handling;
  readonly #age;
  readonly #gaps;

  /** `clock` measures the age of an event, whose `time` is that of the publisher's Postgres. */
  constructor(
    metrics: Metrics,
    private readonly clock: Clock = systemClock,
  ) {
    this.#handled = metrics.counter({
      name: 'consumer_handled_total',
      help: 'Events handled and committed, by type.',
      labels: { type: TYPES },
    });
    this.#failures = metrics.counter({
      name: 'consumer_failures_total',
      help: 'Failed attempts to handle an event, by type.',
      labels: { type: TYPES },
    });
    this.#repeats = metrics.counter({
      name: 'consumer_repeats_total',
      help: 'Events dropped because they had been handled before.',
    });
    this.#ended = metrics.counter({
      name: 'consumer_inbox_ended_total',
      help: 'Handled events whose record ended because of its age.',
    });
    this.#handling = metrics.histogram({
      name: 'consumer_handling_seconds',
      help: 'Time of one transaction, from its start to its commit; it may hold many events.',
    });
    this.#age = metrics.histogram({
      name: 'consumer_event_age_seconds',
      help: 'Time from the transition to the commit of its effect in the subscriber.',
      buckets: AGE_BUCKETS,
    });
    this.#gaps = metrics.gauge({
      name: 'consumer_sequence_gaps',
      help: 'Events handled whose predecessor has been missing for longer than the grace period.',
    });
  }

  /** Starts the timer of a transaction. Call the returned function after the commit. */
  startTransaction(): (fresh: readonly PublishedEvent[], repeats: number) => void {
    const startedAt = performance.now();
    return (fresh, repeats) => {
      this.#handling.observe((performance.now() - startedAt) / 1000);
      this.#repeats.inc(repeats);
      const now = this.clock.now().getTime();
      for (const event of fresh) {
        this.#handled.inc({ type: event.type });
        this.#age.observe(Math.max(0, now - Date.parse(event.time)) / 1000);
      }
    };
  }

  /** Counts events whose record ended. */
  countEnded(count: number): void {
    this.#ended.inc(count);
  }

  countFailure(event: PublishedEvent): void {
    this.#failures.inc({ type: event.type });
  }

  setGaps(count: number): void {
    this.#gaps.set(count);
  }
}

interface GapWatchOptions {
  readonly inbox: EventInbox;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly graceMs: number;
}

/** Few enough for a log line; the gauge has the total. */
const SUBJECTS_LOGGED = 10;

/** Looks for gaps in the inbox. */
export class GapWatch {
  #last = '';

  constructor(private readonly options: GapWatchOptions) {}

  /** Sets the gauge, and logs the gaps if they differ from those of the last look. */
  async look(): Promise<void> {
    const { inbox, metrics, log, graceMs } = this.options;
    const gaps = await inbox.findGaps(graceMs);
    metrics.setGaps(gaps.length);
    const subjects = [...new Set(gaps.map((gap) => gap.subject))];
    const logged = subjects.slice(0, SUBJECTS_LOGGED);
    if (logged.length > 0 && logged.join() !== this.#last) {
      log.warn({ gaps: gaps.length, subjects: logged }, 'events are missing');
    }
    this.#last = logged.join();
  }
}
