// Consumes the jobs of every lane, of each kind at most as many at once as there are places. A job
// that gets no place is delayed without using up an attempt.
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Logger, Metrics } from '@quittance/platform';
import { postgresCheck } from '@quittance/postgres';
import {
  handleJob,
  JobConsumer,
  JobTimes,
  RedisConnections,
  RedisSettings,
} from '@quittance/queues';
import { Pool } from 'pg';
import { JobSettings } from '../config.js';
import { WorkerLanes } from '../lanes/worker-lanes.js';
import { PaymentInquiry } from '../inquiry/payment-inquiry.js';
import { WorkerPlaces } from '../places/worker-places.js';
import { RefundSteps } from '../refunds/refund-steps.js';
import { PaymentSubmission } from '../submission/payment-submission.js';
import { delayWithoutPostgres } from './delay-without-postgres.js';

@Injectable()
export class WorkerJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #consumer: JobConsumer;
  readonly #checkPostgres: () => Promise<unknown>;

  constructor(
    submission: PaymentSubmission,
    inquiry: PaymentInquiry,
    refunds: RefundSteps,
    places: WorkerPlaces,
    redis: RedisConnections,
    { prefix }: RedisSettings,
    log: Logger,
    pool: Pool,
    metrics: Metrics,
    private readonly lanes: WorkerLanes,
    private readonly settings: JobSettings,
  ) {
    this.#checkPostgres = postgresCheck(pool);
    this.#consumer = new JobConsumer({
      connections: redis,
      prefix,
      log,
      handlers: [
        handleJob('payment.submit.v1', ({ paymentId }, queue) =>
          submission.submit(paymentId, queue),
        ),
        handleJob('payment.inquire.v1', async ({ paymentId }) => {
          await inquiry.inquire(paymentId);
        }),
        handleJob('payment.watch.v1', async ({ paymentId }) => {
          await inquiry.inquire(paymentId, places.watch);
        }),
        handleJob('refund.advance.v1', ({ refundId }) => refunds.advance(refundId)),
      ].map(delayWithoutPostgres),
      concurrency: {
        'payment.submit.v1': settings.submissions,
        'payment.inquire.v1': settings.inquiries,
        'payment.watch.v1': settings.watch,
        'refund.advance.v1': settings.refunds,
      },
      lockDurationMs: settings.lockMs,
      times: new JobTimes(metrics),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.serveLanes();
    this.#consumer.start();
  }

  /** Stops taking jobs and finishes those in hand, whose requests may be in flight. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.lanes.leave(), this.#consumer.close(this.settings.stopLimitMs)]);
  }

  /** Starts BullMQ workers for lanes that have none yet, and applies the settings of the others. */
  async serveLanes(): Promise<void> {
    for (const { name, concurrency, pausedReason } of await this.lanes.apply())
      this.#consumer.serveLane(name, { concurrency, isPaused: pausedReason !== null });
  }

  /** Returns the BullMQ workers that run now. */
  workers(): ReturnType<JobConsumer['workers']> {
    return this.#consumer.workers();
  }

  /**
   * Pauses while this process cannot reach Postgres, so that other workers take the jobs, and
   * resumes afterwards. Jobs in hand continue and are delayed when they fail.
   */
  async pauseWithoutPostgres(): Promise<void> {
    const isAway = await this.#checkPostgres().then(
      () => false,
      () => true,
    );
    await (isAway ? this.#consumer.pause({ waits: false }) : this.#consumer.resume());
  }
}
