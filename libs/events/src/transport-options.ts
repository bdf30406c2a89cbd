// How a subscriber consumes events: what it must say, and what is right for most.
import {
  type Clock,
  type Logger,
  type Metrics,
  type Secret,
  systemClock,
} from '@quittance/platform';
import type { EventDatabase } from './order-database.js';

/** The settings of a subscriber. */
export interface EventTransportOptions {
  /** The subscriber's name, as the publisher knows it. */
  readonly subscriber: string;
  readonly redisUrl: Secret<string>;
  /** First part of every key in Redis; the same as the publisher's. */
  readonly prefix: string;
  /** A pool of the database that holds the subscriber's `event_inbox`. It stays the caller's to close. */
  readonly database: EventDatabase;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** By which the age of events is measured. Default the host's. */
  readonly clock?: Clock;
  /** Transactions at once; each holds a connection of the pool. Default 2: one works while the other commits. */
  readonly transactions?: number;
  /** Longest time for one handler, in milliseconds. Default 10 s: handlers write rows, they do not wait. */
  readonly handlerTimeoutMs?: number;
  /** How long an event may be missing before it is reported, in milliseconds. Default 60 s, past most retries. */
  readonly gapGraceMs?: number;
  /**
   * How long a batch stays with a process that shows no sign of life, in milliseconds; renewed at half time. Default 30 s:
   * a dead one's batch comes back within a minute.
   */
  readonly lockDurationMs?: number;
  /** Longest wait for events in hand when stopping, in milliseconds. Default 15 s. */
  readonly stopLimitMs?: number;
}

/** The options with what was left out. */
export function withDefaults(options: EventTransportOptions): Required<EventTransportOptions> {
  return {
    clock: systemClock,
    transactions: 2,
    handlerTimeoutMs: 10_000,
    gapGraceMs: 60_000,
    lockDurationMs: 30_000,
    stopLimitMs: 15_000,
    ...options,
  };
}
