// Nest's microservice transport over a subscriber's BullMQ queue. At least once: a job is done when every event in it
// is. Events that fail stay in the job, alone, and are tried again with growing pauses until they end in the failed
// set, from where they can be replayed. Later events of the same payment do not wait for them: handlers go by sequence.
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { describeError, type Logger, PeriodicTask } from '@quittance/platform';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { BatchReceiver, type FailedEvent } from './batch-receiver.js';
import { ConsumerMetrics } from './consumer-metrics.js';
import { subscriberQueue } from './contract.js';
import { readBatch } from './event-batch.js';
import { EventHandlers } from './event-handlers.js';
import { EventInbox, InboxUnavailable } from './event-inbox.js';
import { EventIntake, JOBS_PER_TRANSACTION } from './event-intake.js';
import { GapWatch } from './gap-watch.js';
import {
  isRefusalRecord,
  PatientWorker,
  recordRefusal,
  RedisConnections,
  removeRefused,
} from '@quittance/redis';
import { type EventTransportOptions, withDefaults } from './transport-options.js';

/** The subscriber's database is away: try again after this, as often as it takes. */
const UNAVAILABLE_PAUSE_MS = 2000;

/** BullMQ waits 15 s after a failed fetch: far longer than Redis takes to restart. */
const FETCH_RETRY_PAUSE_MS = 1000;

/** A batch whose process died this often is looked at by a person before it kills another. */
const STALLS_ALLOWED = 3;

/** Consumes events; hand it to `connectMicroservice`, or use {@link connectPaymentEvents}. */
export class EventTransport extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  override transportId = Symbol('payment events');
  readonly #options: Required<EventTransportOptions>;
  readonly #log: Logger;
  readonly #metrics: ConsumerMetrics;
  readonly #inbox: EventInbox;
  readonly #redis: RedisConnections;
  readonly #gapWatch: PeriodicTask;
  #worker: PatientWorker | undefined;

  constructor(options: EventTransportOptions) {
    super();
    this.#options = withDefaults(options);
    const { clock, database, handlerTimeoutMs, log, metrics, gapGraceMs } = this.#options;
    const { redisUrl, prefix, subscriber } = this.#options;
    this.#log = log;
    const probeKey = `${prefix}:${subscriberQueue(subscriber)}:probe`;
    this.#redis = new RedisConnections({ url: redisUrl, log, probeKey });
    this.#metrics = new ConsumerMetrics(metrics, clock);
    this.#inbox = new EventInbox(database, handlerTimeoutMs);
    const watch = new GapWatch({
      inbox: this.#inbox,
      metrics: this.#metrics,
      log,
      graceMs: gapGraceMs,
    });
    this.#gapWatch = new PeriodicTask({
      name: 'event gap watch',
      everyMs: gapGraceMs,
      jitter: 0.1,
      run: () => watch.look(),
      log,
    });
  }

  /** Starts taking events. Called by Nest once the handlers are known. */
  listen(callback: () => void): void {
    const { subscriber, prefix, transactions, handlerTimeoutMs, lockDurationMs } = this.#options;
    const handlers = new EventHandlers(this.getHandlers());
    const receiver = new BatchReceiver(this.#inbox, handlers, this.#metrics, handlerTimeoutMs);
    const intake = new EventIntake(receiver, transactions);
    const worker: PatientWorker = new PatientWorker(
      subscriberQueue(subscriber),
      (job, token) => this.#process(worker, intake, job, token),
      {
        connection: this.#redis.worker,
        prefix,
        concurrency: transactions * JOBS_PER_TRANSACTION,
        lockDuration: lockDurationMs,
        stalledInterval: lockDurationMs,
        maxStalledCount: STALLS_ALLOWED,
        runRetryDelay: FETCH_RETRY_PAUSE_MS,
      },
    );
    this.#worker = worker;
    this.#watch(worker);
    this.#gapWatch.start();
    callback();
  }

  /** Takes no more events and waits for those in hand, at most the stop limit. */
  async close(): Promise<void> {
    await this.#gapWatch.stop();
    const worker = this.#worker;
    if (!worker) return;
    const { stopLimitMs } = this.#options;
    if (!(await worker.closeWithin(stopLimitMs)))
      this.#log.warn({ stopLimitMs }, 'events in hand were abandoned');
    await this.#redis.close();
  }

  /** Rejects, with `NotReady` and the reason, when events cannot be taken from Redis now; for the subscriber's readiness. */
  async check(): Promise<void> {
    await this.#redis.check();
  }

  /** The BullMQ worker. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T = PatientWorker>(): T {
    if (!this.#worker) throw new Error('the transport does not listen yet');
    return this.#worker as T;
  }

  /** There is nothing to listen to: a transport that loses Redis takes up again by itself. */
  on(): never {
    throw new Error('the transport has no events of its own');
  }

  async #process(worker: PatientWorker, intake: EventIntake, job: Job, token = ''): Promise<void> {
    const read = readBatch(job);
    if ('foreign' in read) return this.#refuse(worker, job, token, read.foreign);
    const { events, unreadable } = read;
    try {
      const failed = await intake.take(events, job.attemptsMade + 1);
      if (unreadable.length > 0) {
        const what = `${unreadable.length} entries are no events: ${unreadable.slice(0, 5).join('; ')}`;
        this.#log.error({ job: job.id, what }, 'entries of a job were refused, and removed');
        await recordRefusal(worker, what);
      }
      if (failed.length < events.length + unreadable.length)
        await job.updateData({ events: failed.map(({ event }) => event) });
      if (failed.length > 0) throw failure(failed);
    } catch (error) {
      if (!(error instanceof InboxUnavailable)) throw error;
      this.#log.warn({ job: job.id, err: error }, 'the inbox is unavailable, events wait');
      return this.#putBack(job, token);
    }
  }

  /** A job that cannot be ours leaves Redis with what it holds; a record of it goes into the failed set. */
  async #refuse(worker: PatientWorker, job: Job, token: string, reason: string): Promise<never> {
    if (isRefusalRecord(job))
      throw new UnrecoverableError('it was refused before; it holds nothing');
    try {
      await removeRefused(worker, job.id ?? '', reason);
    } catch (error) {
      this.#log.warn({ err: error }, 'a job could not be refused');
      return this.#putBack(job, token);
    }
    this.#log.error({ reason }, 'a job was refused, and removed');
    throw new DelayedError();
  }

  /** The try does not count. */
  async #putBack(job: Job, token: string): Promise<never> {
    await job.moveToDelayed(Date.now() + UNAVAILABLE_PAUSE_MS, token);
    throw new DelayedError();
  }

  #watch(worker: PatientWorker): void {
    worker.on('failed', (job, error) => {
      const fields = { job: job?.id, attempts: job?.attemptsMade, reason: error.message };
      if (job?.finishedOn === undefined)
        this.#log.warn(fields, 'events failed, will be tried again');
      else this.#log.error(fields, 'events failed for good and wait for a replay');
    });
    worker.onGivenBack = (jobs) =>
      this.#log.warn({ jobs }, 'events whose handing over was lost were given back');
    // Lost connections are reported once, by RedisConnections.
    worker.on('error', (err) => this.#log.debug({ err }, 'worker error'));
  }
}

/** What is stored with the job: which events failed and why, without anything an error may have picked up. */
function failure(failed: readonly FailedEvent[]): Error {
  const reasons = failed.slice(0, 5).map(({ event, error }) => {
    const { type, message } = describeError(error);
    return `${event.id} ${event.type}: ${type}: ${message.slice(0, 200)}`;
  });
  const told = `${failed.length} event(s) failed; ${reasons.join('; ')}`;
  const error = new Error(told);
  error.stack = told;
  return error;
}
