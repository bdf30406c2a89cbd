// Provides the stores of payments and refunds, and the relay from their commits to the queues.
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { EventPublisher } from '@quittance/events';
import {
  AfterCommit,
  type CommitHints,
  OutboxRelay,
  Payments,
  Refunds,
  SampleRecorder,
  Samples,
} from '@quittance/persistence';
import { list, Logger, Metrics, settings } from '@quittance/platform';
import {
  ChangeSignal,
  DirectOrders,
  inquiryJob,
  JobProducer,
  orderedJobs,
  RedisConnections,
  RedisSettings,
} from '@quittance/queues';
import { Pool } from 'pg';
import { PostgresModule } from './postgres.module.js';
import { QueuesModule } from './queues.module.js';

/** The section `events` of an app's configuration. */
export class EventSettings extends settings({
  subscribers: list('EVENT_SUBSCRIBERS', {
    description: 'names of the event subscribers, each with a durable queue of its own',
    default: ['orders'],
  }),
}) {}

@Module({
  imports: [PostgresModule, QueuesModule],
  providers: [
    {
      provide: EventPublisher,
      inject: [RedisConnections, RedisSettings, EventSettings],
      useFactory: (
        { producer }: RedisConnections,
        { prefix }: RedisSettings,
        { subscribers }: EventSettings,
      ) => new EventPublisher({ connection: producer, prefix, subscribers }),
    },
    {
      provide: OutboxRelay,
      inject: [Pool, JobProducer, DirectOrders, EventPublisher, Logger],
      useFactory: (
        pool: Pool,
        jobs: JobProducer,
        orders: DirectOrders,
        events: EventPublisher,
        log: Logger,
      ) =>
        new OutboxRelay(
          pool,
          async (messages, refundOrders) => {
            const ordered = jobs.add(orders.remaining(orderedJobs(messages, refundOrders)));
            await Promise.all([ordered, events.publish(messages)]);
          },
          log,
        ),
    },
    {
      provide: AfterCommit,
      inject: [OutboxRelay, ChangeSignal, DirectOrders, Metrics, Logger, SampleRecorder],
      useFactory: (
        relay: OutboxRelay,
        changes: ChangeSignal,
        orders: DirectOrders,
        metrics: Metrics,
        log: Logger,
        samples: SampleRecorder,
      ) => {
        const hints: CommitHints = {
          announce: (ids) => void changes.announce(ids),
          order: (payments, refunds) => void orders.add(orderedJobs(payments, refunds)),
          inquire: (inquiries) => void orders.addDue(inquiries.map(inquiryJob)),
        };
        return new AfterCommit(relay, hints, metrics, log, samples);
      },
    },
    {
      provide: SampleRecorder,
      inject: [Pool, Logger],
      useFactory: (pool: Pool, log: Logger) => new SampleRecorder(new Samples(pool), log),
    },
    {
      provide: Payments,
      inject: [Pool, AfterCommit],
      useFactory: (pool: Pool, { payments, refused }: AfterCommit) =>
        new Payments(pool, payments, refused),
    },
    {
      provide: Refunds,
      inject: [Pool, AfterCommit],
      useFactory: (pool: Pool, { refunds }: AfterCommit) => new Refunds(pool, refunds),
    },
  ],
  exports: [EventPublisher, Payments, Refunds, SampleRecorder],
})
export class PaymentStoreModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly relay: OutboxRelay,
    private readonly publisher: EventPublisher,
    private readonly samples: SampleRecorder,
  ) {}

  onModuleInit(): void {
    this.relay.start();
    this.samples.start();
  }

  /** Relays the last commits. By now the last request and the last job have ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.samples.stop();
    await this.relay.stop();
    // If Redis is unavailable, the rows wait for the next process.
    await this.relay.relayBatch().catch(() => undefined);
    await this.publisher.close();
  }
}
