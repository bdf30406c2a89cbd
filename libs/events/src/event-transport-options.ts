// The settings of a subscriber, and their defaults.
import {
  type Clock,
  type Logger,
  type Metrics,
  type Secret,
  systemClock,
} from '@quittance/platform';
import { CONSUMPTION_LIMITS, type ConsumptionLimits } from '@quittance/redis';
import type { EventDatabase } from './event-inbox.js';

/** The settings of a subscriber. */
export interface EventTransportOptions {
  /** The subscriber's name, as the publisher knows it. */
  readonly subscriber: string;
  /**
   * Of Redis, `redis+sentinel://` with its Sentinels and the name of the primary, or
   * `redis+cluster://` with nodes of a Cluster.
   */
  readonly redisUrl: Secret<string>;
  /** The first part of every key in Redis; the same as the publisher's. */
  readonly prefix: string;
  /** A pool of the database that contains the subscriber's `event_inbox`. The caller closes it. */
  readonly database: EventDatabase;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The clock that measures the age of events. Default: the host's. */
  readonly clock?: Clock;
  /**
   * The transactions at once; each holds a connection of the pool. Default 2: one works while the
   * other commits.
   */
  readonly transactions?: number;
  /**
   * The longest time for one handler, in milliseconds. Default 10 s: handlers write rows, they do
   * not wait.
   */
  readonly handlerTimeoutMs?: number;
  /**
   * The time after which a missing event is reported, in milliseconds. Default 60 s, longer than
   * most retries take.
   */
  readonly gapGraceMs?: number;
  /**
   * The days without an event after which a subject's record of handled events ends but for the
   * newest. Default 0: never.
   */
  readonly inboxDays?: number;
  /**
   * The time after which a batch is taken from a process without a sign of life, in milliseconds;
   * renewed at half time. Default 30 s: the batch of a dead process returns within a minute.
   */
  readonly lockDurationMs?: number;
  /** The longest wait for events in progress when stopping, in milliseconds. Default 15 s. */
  readonly stopLimitMs?: number;
  /**
   * The times without a fetch after which the subscriber is unready, and stuck. Default 30 s and
   * two minutes.
   */
  readonly consumption?: ConsumptionLimits;
}

/** Returns the options with defaults for the omitted ones. */
export function withDefaults(options: EventTransportOptions): Required<EventTransportOptions> {
  return {
    clock: systemClock,
    transactions: 2,
    handlerTimeoutMs: 10_000,
    gapGraceMs: 60_000,
    inboxDays: 0,
    lockDurationMs: 30_000,
    stopLimitMs: 15_000,
    consumption: CONSUMPTION_LIMITS,
    ...options,
  };
}
