// Nest's microservice transport over a subscriber's BullMQ queue. Delivery is at least once: a job
// is done when every event in it is handled. Events that fail stay in the job, alone, and are
// retried with growing pauses until they enter the failed set, from where they can be replayed.
// Later events of the same payment do not wait for them: handlers compare sequences.
import { type CustomTransportStrategy, NestMicroservice, Server } from '@nestjs/microservices';
import { describeError, type Logger, PeriodicTask } from '@quittance/platform';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import {
  Consumption,
  isRefusalRecord,
  queuePrefix,
  ResilientWorker,
  recordRefusal,
  RedisConnections,
  removeRefused,
} from '@quittance/redis';
import { Catch, type INestApplication, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import {
  BatchReceiver,
  EventHandlers,
  EventIntake,
  type FailedEvent,
  JOBS_PER_TRANSACTION,
} from './event-receiver.js';
import { ConsumerMetrics, GapWatch } from './consumer-metrics.js';
import { subscriberQueue } from './contract.js';
import { readBatch } from './event-batch.js';
import { EventInbox, InboxUnavailable } from './event-inbox.js';
import { type EventTransportOptions, withDefaults } from './event-transport-options.js';
import { InboxRetention } from './inbox-retention.js';
import { subscriberKeys } from './subscriber-keys.js';

/**
 * The pause before the next attempt while the subscriber's database is unavailable, without a limit
 * on attempts.
 */
const UNAVAILABLE_PAUSE_MS = 2000;

/** BullMQ waits 15 s after a failed fetch, far longer than Redis takes to restart. */
const FETCH_RETRY_PAUSE_MS = 1000;

/** The pause between two walks through the inbox; its limit is days. */
const RETENTION_EVERY_MS = 6 * 3_600_000;

/** A batch whose process has died this often waits for a person, before it ends another process. */
const STALLS_ALLOWED = 3;

/** Consumes events. Pass it to `connectMicroservice`, or use {@link connectPaymentEvents}. */
export class EventTransport extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  override transportId = Symbol('payment events');
  readonly #options: Required<EventTransportOptions>;
  readonly #log: Logger;
  readonly #metrics: ConsumerMetrics;
  readonly #inbox: EventInbox;
  readonly #redis: RedisConnections;
  readonly #gapWatch: PeriodicTask;
  readonly #retention: PeriodicTask | undefined;
  /**
   * Watches that events are fetched. Set its `onStuck` if the process may end itself, so that its
   * supervisor restarts it; without it a stuck process is only unready and logs why.
   */
  readonly consumption: Consumption;
  #worker: ResilientWorker | undefined;

  constructor(options: EventTransportOptions) {
    super();
    this.#options = withDefaults(options);
    const { clock, database, handlerTimeoutMs, log, metrics, gapGraceMs } = this.#options;
    const { redisUrl, prefix, subscriber } = this.#options;
    this.#log = log;
    const keys = subscriberKeys(redisUrl, prefix, subscriber);
    this.#redis = new RedisConnections({ url: redisUrl, log, probeKey: `${keys}:probe` });
    this.consumption = new Consumption({
      connections: this.#redis,
      prefix: `${keys}:canary`,
      workers: () => (this.#worker ? [this.#worker] : []),
      limits: this.#options.consumption,
      log,
      metrics,
    });
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
    this.#retention = this.#retentionTask();
  }

  #retentionTask(): PeriodicTask | undefined {
    const { database, inboxDays: days, log } = this.#options;
    if (days === 0) return undefined;
    const onEnded = (count: number) => this.#metrics.countEnded(count);
    const retention = new InboxRetention({ database, days, onEnded });
    return new PeriodicTask({
      name: 'inbox retention',
      everyMs: RETENTION_EVERY_MS,
      jitter: 0.1,
      run: (signal) => retention.walk(signal),
      log,
    });
  }

  /** Starts consuming events. Nest calls it once the handlers are known. */
  listen(callback: () => void): void {
    const { subscriber, prefix, transactions, handlerTimeoutMs, lockDurationMs } = this.#options;
    const handlers = new EventHandlers(this.getHandlers());
    const receiver = new BatchReceiver(this.#inbox, handlers, this.#metrics, handlerTimeoutMs);
    const intake = new EventIntake(receiver, transactions);
    const worker: ResilientWorker = new ResilientWorker(
      subscriberQueue(subscriber),
      (job, token) => this.#process(worker, intake, job, token),
      {
        connection: this.#redis.worker,
        prefix: queuePrefix(this.#redis.worker, prefix, subscriberQueue(subscriber)),
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
    this.#retention?.start();
    this.consumption.start();
    callback();
  }

  /** Stops consuming and waits for the events in progress, at most the stop limit. */
  async close(): Promise<void> {
    await Promise.all([this.#gapWatch.stop(), this.#retention?.stop()]);
    if (!this.#worker) return;
    await Promise.all([this.consumption.close(), this.#closeWorker(this.#worker)]);
    await this.#redis.close();
  }

  async #closeWorker(worker: ResilientWorker): Promise<void> {
    const { stopLimitMs } = this.#options;
    if (await worker.closeWithin(stopLimitMs)) return;
    this.#log.warn({ stopLimitMs }, 'events in progress were abandoned');
  }

  /**
   * Rejects with `NotReady` and the reason if events cannot be read from Redis; for the
   * subscriber's readiness check, beside that of {@link consumption}.
   */
  async check(): Promise<void> {
    await this.#redis.check();
  }

  /** The BullMQ worker. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T = ResilientWorker>(): T {
    if (!this.#worker) throw new Error('the transport does not listen yet');
    return this.#worker as T;
  }

  /** There are no events to listen to: a transport that loses Redis recovers by itself. */
  on(): never {
    throw new Error('the transport has no events of its own');
  }

  async #process(
    worker: ResilientWorker,
    intake: EventIntake,
    job: Job,
    token = '',
  ): Promise<void> {
    const read = readBatch(job);
    if ('foreign' in read) return this.#refuse(worker, job, token, read.foreign);
    const { events, unreadable } = read;
    try {
      const failed = await intake.take(events, job.attemptsMade + 1);
      if (unreadable.length > 0) {
        const what = `${unreadable.length} entries are not events: ${unreadable.slice(0, 5).join('; ')}`;
        this.#log.error({ job: job.id, what }, 'invalid entries of a job were removed');
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

  /**
   * Rejects a job that is not a batch of events. Its data leaves Redis, and a record of it goes
   * into the failed set.
   */
  async #refuse(worker: ResilientWorker, job: Job, token: string, reason: string): Promise<never> {
    if (isRefusalRecord(job))
      throw new UnrecoverableError('it was rejected before and contains nothing');
    try {
      await removeRefused(worker, job.id ?? '', reason);
    } catch (error) {
      this.#log.warn({ err: error }, 'a job could not be rejected');
      return this.#putBack(job, token);
    }
    this.#log.error({ reason }, 'a job was refused, and removed');
    throw new DelayedError();
  }

  /** Returns the job to the queue without counting the attempt. */
  async #putBack(job: Job, token: string): Promise<never> {
    await job.moveToDelayed(Date.now() + UNAVAILABLE_PAUSE_MS, token);
    throw new DelayedError();
  }

  #watch(worker: ResilientWorker): void {
    worker.on('failed', (job, error) => {
      const fields = { job: job?.id, attempts: job?.attemptsMade, reason: error.message };
      if (job?.finishedOn === undefined)
        this.#log.warn(fields, 'events failed and will be retried');
      else this.#log.error(fields, 'events failed for good and wait for a replay');
    });
    worker.onReturned = (jobs) =>
      this.#log.warn({ jobs }, 'stalled jobs were returned to the queue');
    // RedisConnections reports lost connections once.
    worker.on('error', (err) => this.#log.debug({ err }, 'worker error'));
  }
}

/**
 * Returns the error stored with the job: the events that failed and why, without data that an error
 * may have picked up.
 */
function failure(failed: readonly FailedEvent[]): Error {
  const reasons = failed.slice(0, 5).map(({ event, error }) => {
    const { type, message } = describeError(error);
    return `${event.id} ${event.type}: ${type}: ${message.slice(0, 200)}`;
  });
  const message = `${failed.length} event(s) failed; ${reasons.join('; ')}`;
  const error = new Error(message);
  error.stack = message;
  return error;
}

/**
 * Nest would log a handler's error and replace it by "Internal server error"; the delivery needs
 * the error itself.
 */
@Catch()
class PassErrorsOn implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Delivers payment events to the `@EventPattern` handlers of the application's controllers until it
 * is closed. Call it after the application was created, before or after `listen`; it runs the
 * application's init hooks first.
 */
export async function connectPaymentEvents(
  app: INestApplication,
  options: EventTransportOptions,
): Promise<EventTransport> {
  await app.init();
  const transport = new EventTransport(options);
  const microservice = app.connectMicroservice(
    { strategy: transport },
    { deferInitialization: true },
  );
  microservice.useGlobalFilters(new PassErrorsOn());
  // The application runs its own hooks; a deferred microservice would run them a second time.
  if (microservice instanceof NestMicroservice) microservice.setIsInitHookCalled(true);
  await microservice.listen();
  return transport;
}
