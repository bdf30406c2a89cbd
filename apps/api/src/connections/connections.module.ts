// The repositories over the connections, the relay between them, and the order in which all of it stops.
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { EventPublisher } from '@quittance/events';
import { type KeyWatch, openPayments, Payments, Refunds, Terminals } from '@quittance/persistence';
import { Clock, LOGGER, type Logger, type Metrics } from '@quittance/platform';
import { ChangeSignal, openQueues, orderedJobs, QueueRegistry } from '@quittance/queues';
import { Pool } from 'pg';
import type { ApiConfig } from '../config.js';
import type { Connections } from './connections.js';

const LIFE = Symbol('life of the connections');

/** What the module is made with. */
export interface ConnectionsModuleOptions {
  readonly config: ApiConfig;
  readonly connections: Connections;
  readonly keyWatch: KeyWatch;
  readonly metrics: Metrics;
  readonly log: Logger;
}

interface Life {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Provides everything below the use cases, to every module. */
@Module({})
export class ConnectionsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(LIFE) private readonly life: Life) {}

  static register(options: ConnectionsModuleOptions): DynamicModule {
    const { pool, clock } = options.connections;
    const { life, queues, signal, payments, refunds } = assemble(options);
    const provided = [
      { provide: Pool, useValue: pool },
      { provide: QueueRegistry, useValue: queues },
      { provide: ChangeSignal, useValue: signal },
      { provide: Payments, useValue: payments },
      { provide: Refunds, useValue: refunds },
      { provide: Terminals, useValue: Terminals.withoutKeys(pool) },
      { provide: Clock, useValue: clock },
      { provide: LOGGER, useValue: options.log },
    ];
    return {
      module: ConnectionsModule,
      global: true,
      providers: [...provided, { provide: LIFE, useValue: life }],
      exports: provided.map(({ provide }) => provide),
    };
  }

  onModuleInit(): Promise<void> {
    return this.life.start();
  }

  /** Runs when the last request has been answered. */
  onApplicationShutdown(): Promise<void> {
    return this.life.stop();
  }
}

function assemble({ config, connections, keyWatch, metrics, log }: ConnectionsModuleOptions) {
  const { pool, redis, clock } = connections;
  const { prefix } = config.redis;
  const { subscribers } = config.events;
  const { queues, producer, signal } = openQueues(redis, prefix, log);
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
  const life: Life = {
    start: async () => {
      clock.start();
      await keyWatch.start();
      relay.start();
    },
    stop: async () => {
      await Promise.all([clock.stop(), keyWatch.stop()]);
      await relay.stop();
      await Promise.all([publisher.close(), queues.close()]);
      await redis.close();
      await pool.end();
    },
  };
  return { queues, signal, payments, refunds, life };
}
