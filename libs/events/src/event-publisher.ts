// Publishes events: builds the CloudEvent of each transition and adds it to the durable queue of
// every subscriber. One BullMQ job carries a batch: a job costs the same with one event as with a
// hundred, and at a thousand payments a second that is most of the cost of events.
import { type ConnectionOptions, type JobsOptions, Queue } from 'bullmq';
import { queuePrefix } from '@quittance/redis';
import {
  eventId,
  eventType,
  type PublishedEvent,
  refundEventType,
  subscriberQueue,
} from './contract.js';

/** The settings of a publisher. */
export interface EventPublisherOptions {
  /** An ioredis instance that fails fast: `RedisConnections.producer`. The caller closes it. */
  readonly connection: ConnectionOptions;
  /** The first part of every key in Redis; the same as the subscribers'. */
  readonly prefix: string;
  /** The names of the subscribers; each receives every event. */
  readonly subscribers: readonly string[];
  /** The attempts for an event that fails, with pauses that double from `firstDelayMs`. */
  readonly retry?: { readonly attempts: number; readonly firstDelayMs: number };
}

/**
 * The data of a job: CloudEvents in their batched JSON form, in a named field so that others can be
 * added.
 */
export interface EventBatch {
  readonly events: readonly PublishedEvent[];
}

export const EVENT_JOB = 'payment.events.v1';

/**
 * About 100 kB a job: little enough for Redis and for one transaction of the consumer without a
 * noticeable pause.
 */
export const EVENTS_PER_JOB = 100;

/** 1, 2, 4, … 1024 s: half an hour for a subscriber's problem to pass, then the failed set. */
const RETRY = { attempts: 12, firstDelayMs: 1000 };

/**
 * Failed jobs wait here for a replay. Past this number the failure is general, and Redis must
 * survive.
 */
const FAILED_JOBS_RETAINED = 20_000;

/** BullMQ's own notifications, which have no reader; the limit bounds their memory. */
const EVENT_STREAM_LENGTH = 100;

/** Publishes events; see the top of this file. */
export class EventPublisher {
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #jobOptions: JobsOptions;

  constructor({ connection, prefix, subscribers, retry = RETRY }: EventPublisherOptions) {
    const opened = subscribers.map((subscriber) => {
      const queue = new Queue(subscriberQueue(subscriber), {
        connection,
        prefix: queuePrefix(connection, prefix, subscriberQueue(subscriber)),
        streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
        // Otherwise a publisher created while Redis is unavailable would never work: BullMQ tries
        // this check once.
        skipVersionCheck: true,
        skipWaitingForReady: true,
      });
      // Every failure also rejects the call it belongs to.
      queue.on('error', () => undefined);
      return [subscriber, queue] as const;
    });
    this.#queues = new Map(opened);
    this.#jobOptions = {
      attempts: retry.attempts,
      backoff: { type: 'exponential', delay: retry.firstDelayMs, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: { count: FAILED_JOBS_RETAINED },
      stackTraceLimit: 1,
    };
  }

  /**
   * Adds the events of the transitions to every subscriber's queue, in the order given. Rejects if
   * any subscriber's queue is unreachable. It is then safe to publish the same transitions again,
   * because subscribers drop repeats. With `only`, no other subscriber gets the events.
   */
  async publish(moves: readonly Moved[], only?: string): Promise<void> {
    if (moves.length === 0) return;
    const queues = [...this.#queues].filter(([name]) => only === undefined || name === only);
    const events = moves.map(eventOf);
    const jobs: { name: string; data: EventBatch; opts: JobsOptions }[] = [];
    for (let start = 0; start < events.length; start += EVENTS_PER_JOB) {
      const data = { events: events.slice(start, start + EVENTS_PER_JOB) };
      jobs.push({ name: EVENT_JOB, data, opts: this.#jobOptions });
    }
    const results = await Promise.allSettled(queues.map(([, queue]) => queue.addBulk(jobs)));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }

  /** Closes the queues; the connection stays open. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }
}

/**
 * One transition as the database stores it: of a payment, or with `refund` of that refund.
 * Sequence, statuses and cause are those of the transition, in the names of the wire (snake_case).
 */
export interface Moved {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly sequence: number;
  readonly status: string;
  readonly previousStatus: string | null;
  readonly cause: string;
  readonly at: Date;
  /**
   * The payment as its public JSON, right after the transition of the payment or during that of the
   * refund: text, or the object itself.
   */
  readonly snapshot: string | object;
  /** The trace of the payment (W3C Trace Context). */
  readonly traceparent?: string | null;
  /** The refund's id and its public JSON, right after its transition. */
  readonly refund?: { readonly id: string; readonly snapshot: string | object } | undefined;
}

/** Returns the event of a transition. */
export function eventOf(move: Moved): PublishedEvent {
  const { merchantId, sequence, status, refund } = move;
  const subject = refund?.id ?? move.paymentId;
  // Not validated against the schema: the row was written from the same view, and this runs for
  // every event.
  return {
    specversion: '1.0',
    id: eventId(subject, sequence),
    type: refund ? refundEventType(status) : eventType(status),
    source: 'quittance',
    subject,
    time: move.at.toISOString(),
    datacontenttype: 'application/json',
    ...(typeof move.traceparent === 'string' && { traceparent: move.traceparent }),
    data: {
      merchant: merchantId,
      sequence,
      ...(refund && { refund: read(refund.snapshot) }),
      payment_intent: read(move.snapshot),
      previous_status: move.previousStatus,
      cause: move.cause,
    },
  } as PublishedEvent;
}

function read(snapshot: string | object): unknown {
  return typeof snapshot === 'string' ? JSON.parse(snapshot) : snapshot;
}
