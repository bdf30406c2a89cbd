// What the worker is made of before it does anything: the parts that main.ts made and waited for, and the stores and queues over them.
import { EventPublisher } from '@quittance/events';
import { GatewayClient } from '@quittance/gateway';
import { type KeyWatch, openPayments, Terminals } from '@quittance/persistence';
import type { Logger, Metrics } from '@quittance/platform';
import type { PostgresClock } from '@quittance/postgres';
import { openQueues, orderedJobs, type RedisConnections } from '@quittance/queues';
import type { Pool } from 'pg';
import type { WorkerConfig } from '../config.js';

/** What main.ts made and waited for before Nest starts. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  /** By which every deadline and due time is judged. */
  readonly clock: PostgresClock;
  readonly keyWatch: KeyWatch;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly pool: Pool;
  readonly redis: RedisConnections;
}

export type WorkerStores = ReturnType<typeof openStores>;

/** Payments, refunds and terminals in Postgres, the queues in Redis, and the relay from one to the other. */
export function openStores({ config, log, metrics, pool, redis }: WorkerParts) {
  const { prefix } = config.redis;
  const { subscribers } = config.events;
  const { queues, producer, signal } = openQueues(redis, prefix, log);
  const publisher = new EventPublisher({ connection: redis.producer, prefix, subscribers });
  const opened = openPayments({
    pool,
    metrics,
    log,
    publish: async (messages, refundOrders) => {
      const jobs = orderedJobs(messages, refundOrders);
      await Promise.all([producer.add(jobs), publisher.publish(messages)]);
    },
    announce: (ids) => void signal.announce(ids),
  });
  return { ...opened, terminals: new Terminals(pool), queues, producer, publisher };
}

/** The way to the gateway. */
export function openGateway({ config, metrics }: WorkerParts): GatewayClient {
  const { inquiryTimeoutMs, pins } = config.gateway;
  return new GatewayClient({ metrics, inquiryTimeoutMs, ...(pins && { pins }) });
}
