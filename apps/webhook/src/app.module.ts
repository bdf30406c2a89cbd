// Puts the webhook app together.
import { EventPublisher } from '@quittance/events';
import { KeyWatch, openPayments, postgresCheck, Terminals } from '@quittance/persistence';
import {
  type HealthCheck,
  HealthModule,
  type Logger,
  type Metrics,
  MetricsModule,
} from '@quittance/platform';
import type { PostgresClock } from '@quittance/postgres';
import { openQueues, orderedJobs, type RedisConnections } from '@quittance/queues';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import type { WebhookConfig } from './config.js';
import { KeptCallbacks } from './outage/kept-callbacks.js';
import { observeKept } from './outage/kept-metrics.js';
import { AnswerMoments } from './reception/answer-moments.js';
import {
  CallbackController,
  RECEPTION,
  type ReceptionParts,
} from './reception/callback.controller.js';
import { CallbackSources } from './reception/callback-sources.js';
import { ReceiveCallback } from './reception/receive-callback.js';
import { WebhookLifecycle } from './webhook-lifecycle.js';

/** What main.ts made and waited for before Nest starts. */
export interface WebhookParts {
  readonly config: WebhookConfig;
  readonly clock: PostgresClock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly pool: Pool;
  readonly redis: RedisConnections;
}

@Module({})
export class AppModule {
  static register(parts: WebhookParts): DynamicModule {
    const { metrics } = parts;
    const { reception, lifecycle } = assemble(parts);
    return {
      module: AppModule,
      imports: [
        MetricsModule.register(metrics),
        HealthModule.register({ checks: checksOf(parts), metrics }),
      ],
      controllers: [CallbackController],
      providers: [
        { provide: RECEPTION, useValue: reception },
        { provide: WebhookLifecycle, useValue: lifecycle },
      ],
    };
  }
}

/** A callback is stored in Postgres, or kept in Redis: one of the two is enough to take it. */
function checksOf({ clock, pool, redis }: WebhookParts): readonly HealthCheck[] {
  return [
    { name: 'postgres', needed: (isUp) => !isUp('redis'), run: postgresCheck(pool) },
    { name: 'redis', needed: (isUp) => !isUp('postgres'), run: () => redis.check() },
    { name: 'clock', run: clock.check },
  ];
}

function assemble({ config, clock, log, metrics, pool, redis }: WebhookParts) {
  const { prefix } = config.redis;
  const keyWatch = new KeyWatch({ app: 'webhook', document: config.keys.keySet, pool, log });
  const { keys } = keyWatch;
  const { queues, producer, signal } = openQueues(redis, prefix, log);
  const { subscribers } = config.events;
  const publisher = new EventPublisher({ connection: redis.producer, prefix, subscribers });
  const { payments, relay } = openPayments({
    pool,
    metrics,
    log,
    publish: async (messages, refundOrders) => {
      const jobs = orderedJobs(messages, refundOrders);
      await Promise.all([producer.add(jobs), publisher.publish(messages)]);
    },
    announce: (ids) => void signal.announce(ids),
  });
  const receiver = new ReceiveCallback(payments, new Terminals(pool), keys, clock);
  const kept = new KeptCallbacks(redis, keys, { prefix, keptMax: config.outage.keptMax }, log);
  const callbacks = metrics.counter({
    name: 'callbacks_total',
    help: 'Callbacks of the gateway by what became of them.',
    labels: ['verdict'],
  });
  observeKept(kept, metrics);
  const { answerAfterMs, sources, trustedProxies } = config.reception;
  const reception: ReceptionParts = {
    receiver,
    kept,
    keys,
    clock,
    log,
    moments: new AnswerMoments(answerAfterMs),
    sources: new CallbackSources(sources, trustedProxies),
    callbacks,
  };
  return {
    reception,
    lifecycle: new WebhookLifecycle({
      clock,
      keyWatch,
      receiver,
      kept,
      callbacks,
      relay,
      publisher,
      queues,
      redis,
      pool,
      log,
    }),
  };
}
