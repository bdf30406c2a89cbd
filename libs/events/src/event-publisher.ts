// Publishes events: makes the CloudEvent of each move and puts it on every subscriber's own durable
// queue. One BullMQ job carries a batch: a job costs the same whether it holds one event or a
// hundred, and at a thousand payments a second that is most of what events cost.
import { type ConnectionOptions, type JobsOptions, Queue } from 'bullmq';
import { eventType, type PaymentEvent, paymentEventId, subscriberQueue } from './contract.js';

/** How events are published. */
export interface EventPublisherOptions {
  /**
   * An ioredis instance that fails fast: `RedisConnections.producer`. It stays the caller's to
   * close.
   */
  readonly connection: ConnectionOptions;
  /** First part of every key in Redis; the same as the subscribers'. */
  readonly prefix: string;
  /** Names of the subscribers; each gets every event. */
  readonly subscribers: readonly string[];
  /**
   * How often a subscriber tries an event that fails, with pauses that double from `firstDelayMs`.
   */
  readonly retry?: { readonly attempts: number; readonly firstDelayMs: number };
}

/** The data of a job: CloudEvents in their batched JSON form, under a name so that it can grow. */
export interface EventBatch {
  readonly events: readonly PaymentEvent[];
}

export const EVENT_JOB = 'payment.events.v1';

/**
 * About 100 kB a job: what Redis and one transaction of the consumer take without a pause others
 * would notice.
 */
export const EVENTS_PER_JOB = 100;

/**
 * 1, 2, 4, … 1024 s: half an hour in which a subscriber's own trouble may pass, then the failed
 * set.
 */
const RETRY = { attempts: 12, firstDelayMs: 1000 };

/**
 * Failed jobs wait here for a replay. Past this number something is broken for everybody, and Redis
 * must live.
 */
const FAILED_JOBS_KEPT = 20_000;

/** BullMQ's own notifications, which nobody reads: kept short so that their memory stays flat. */
const EVENT_STREAM_LENGTH = 100;

/** Publishes; see the top of this file. */
export class EventPublisher {
  readonly #queues: readonly Queue[];
  readonly #jobOptions: JobsOptions;

  constructor({ connection, prefix, subscribers, retry = RETRY }: EventPublisherOptions) {
    this.#queues = subscribers.map((subscriber) => {
      const queue = new Queue(subscriberQueue(subscriber), {
        connection,
        prefix,
        streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
        // Otherwise a publisher made while Redis is away would never work again: its set-up is
        // tried once.
        skipVersionCheck: true,
        skipWaitingForReady: true,
      });
      // Every failure also rejects the call it belongs to.
      queue.on('error', () => undefined);
      return queue;
    });
    this.#jobOptions = {
      attempts: retry.attempts,
      backoff: { type: 'exponential', delay: retry.firstDelayMs, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: { count: FAILED_JOBS_KEPT },
      stackTraceLimit: 1,
    };
  }

  /**
   * Puts the events of the moves on every subscriber's queue, in the order given. Rejects when any
   * subscriber could not be served; publishing the same moves again is then right, because
   * subscribers drop repeats.
   */
  async publish(moves: readonly PaymentMoved[]): Promise<void> {
    if (moves.length === 0) return;
    const events = moves.map(paymentEvent);
    const jobs: { name: string; data: EventBatch; opts: JobsOptions }[] = [];
    for (let start = 0; start < events.length; start += EVENTS_PER_JOB) {
      const data = { events: events.slice(start, start + EVENTS_PER_JOB) };
      jobs.push({ name: EVENT_JOB, data, opts: this.#jobOptions });
    }
    const results = await Promise.allSettled(this.#queues.map((queue) => queue.addBulk(jobs)));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }

  /** Lets go of the queues; the connection stays open. */
  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }
}

/**
 * One move as the database has it; statuses and cause already in the words of the wire
 * (snake_case).
 */
export interface PaymentMoved {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly sequence: number;
  readonly status: string;
  readonly previousStatus: string | null;
  readonly cause: string;
  readonly at: Date;
  /** The payment as its public JSON, right after the move: text, or the object itself. */
  readonly snapshot: string | object;
}

/** The event of a move. */
export function paymentEvent(move: PaymentMoved): PaymentEvent {
  const { paymentId, merchantId, sequence, status, snapshot } = move;
  const paymentIntent: unknown = typeof snapshot === 'string' ? JSON.parse(snapshot) : snapshot;
  // Not parsed against the schema: the row was written from the same view, and this runs for every
  // event.
  return {
    specversion: '1.0',
    id: paymentEventId(paymentId, sequence),
    type: eventType(status),
    source: 'quittance',
    subject: paymentId,
    time: move.at.toISOString(),
    datacontenttype: 'application/json',
    data: {
      merchant: merchantId,
      sequence,
      payment_intent: paymentIntent,
      previous_status: move.previousStatus,
      cause: move.cause,
    },
  } as PaymentEvent;
}
