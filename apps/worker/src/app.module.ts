// Puts the worker together: what it is made of, and in which order it starts and stops.
import { GatewayClient } from '@quittance/gateway';
import { EventPublisher } from '@quittance/events';
import {
  DoubtInquiries,
  type KeyWatch,
  observeBacklog,
  DuePayments,
  openPayments,
  QueueWatch,
  SealedValues,
  StoredInvariants,
  Terminals,
} from '@quittance/persistence';
import {
  HealthModule,
  type Logger,
  Metrics,
  MetricsModule,
  systemClock,
} from '@quittance/platform';
import {
  handleJob,
  JobConsumer,
  openQueues,
  orderedJobs,
  type RedisConnections,
} from '@quittance/queues';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import type { WorkerConfig } from './config.js';
import { DueSteps } from './due-steps/due-steps.js';
import { RebuildQueues } from './queue-rebuild/rebuild-queues.js';
import { UndeliveredEvents } from './queue-rebuild/undelivered-events.js';
import { CheckInvariants } from './invariants/check-invariants.js';
import { GatewayAgreement } from './invariants/gateway-agreement.js';
import { QueueAgreement } from './invariants/queue-agreement.js';
import { InquirePayment } from './inquiry/inquire-payment.js';
import { refundSteps } from './refunds/refund-steps.js';
import { EndNeverSent } from './never-sent/end-never-sent.js';
import { ResealStored } from './resealing/reseal-stored.js';
import { BuildRequest } from './submission/build-request.js';
import { SubmitPayment } from './submission/submit-payment.js';
import { TerminalKeys } from './terminal-keys.js';
import { WorkerLifecycle } from './worker-lifecycle.js';

/** What main.ts made and waited for before Nest starts. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly keyWatch: KeyWatch;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly pool: Pool;
  readonly redis: RedisConnections;
}

@Module({})
export class AppModule {
  static register(parts: WorkerParts): DynamicModule {
    const { metrics, pool, redis } = parts;
    return {
      module: AppModule,
      imports: [
        MetricsModule.register(metrics),
        HealthModule.register({
          checks: { postgres: () => pool.query('SELECT 1'), redis: () => redis.ping() },
        }),
      ],
      providers: [{ provide: WorkerLifecycle, useValue: assemble(parts) }],
    };
  }
}

function assemble({ config, keyWatch, log, metrics, pool, redis }: WorkerParts): WorkerLifecycle {
  const { keys } = keyWatch;
  const { prefix } = config.redis;
  const { queues, producer, signal } = openQueues(redis, prefix, log);
  const { subscribers } = config.events;
  const publisher = new EventPublisher({ connection: redis.producer, prefix, subscribers });
  const { payments, refunds, relay } = openPayments({
    pool,
    metrics,
    log,
    publish: async (messages, refundOrders) => {
      const jobs = orderedJobs(messages, refundOrders);
      await Promise.all([producer.add(jobs), publisher.publish(messages)]);
    },
    announce: (ids) => void signal.announce(ids),
  });
  observeBacklog(pool, metrics);

  const terminals = new Terminals(pool);
  const { gateway: limits, jobs } = config;
  const gateway = new GatewayClient({
    metrics,
    connections: limits.connections,
    inquiryTimeoutMs: limits.inquiryTimeoutMs,
    ...(limits.pins && { pins: limits.pins }),
  });
  const submission = new SubmitPayment(
    payments,
    terminals,
    gateway,
    new BuildRequest(new TerminalKeys(keys), keys, systemClock, limits.callbackUrl),
    systemClock,
    log,
    limits,
  );
  const { timeoutMs } = limits;
  const stepParts = { refunds, terminals, gateway, clock: systemClock, log, timeoutMs };
  const { advancing, inquiring } = refundSteps(stepParts);
  const inquiry = new InquirePayment(
    payments,
    terminals,
    new DoubtInquiries(pool),
    gateway,
    inquiring,
    systemClock,
    { submissionTimeoutMs: timeoutMs },
  );
  const consumer = new JobConsumer({
    connections: redis,
    prefix,
    log,
    handlers: [
      handleJob('payment.submit.v1', ({ paymentId }) => submission.submit(paymentId)),
      handleJob('payment.inquire.v1', async ({ paymentId }) => {
        await inquiry.inquire(paymentId);
      }),
      handleJob('refund.advance.v1', ({ refundId }) => advancing.advance(refundId)),
    ],
    concurrency: {
      'payment.submit.v1': jobs.submissions,
      'payment.inquire.v1': jobs.inquiries,
      'refund.advance.v1': jobs.refunds,
    },
    lockDurationMs: jobs.lockMs,
  });
  const due = new DuePayments(pool);
  const neverSent = new EndNeverSent(due, payments, terminals, systemClock);
  const resealing = new ResealStored(new SealedValues(pool), keys, log);
  const dueSteps = new DueSteps(due, refunds, producer, systemClock);
  const undelivered = new UndeliveredEvents(queues, subscribers);
  const rebuild = new RebuildQueues(
    new QueueWatch(pool),
    redis,
    undelivered,
    systemClock,
    log,
    prefix,
  );
  const invariants = new CheckInvariants(
    {
      stored: new StoredInvariants(pool),
      queues: new QueueAgreement(queues, { payments, refunds }, subscribers),
      gateway: new GatewayAgreement(inquiry),
      terminals,
      clock: systemClock,
      metrics,
      log,
    },
    config.invariants.gatewaySample,
  );
  const connections = { publisher, queues, gateway, redis, pool };
  return new WorkerLifecycle(
    {
      keyWatch,
      consumer,
      dueSteps,
      neverSent,
      resealing,
      rebuild,
      invariants,
      relay,
      terminals,
      ...connections,
      log,
    },
    { stopLimitMs: jobs.stopLimitMs, checkInvariantsEveryMs: config.invariants.everyMs },
  );
}
