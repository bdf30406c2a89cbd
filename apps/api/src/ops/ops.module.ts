// What people on call look at: queue pages and queue metrics.
import { type DynamicModule, Inject, Module } from '@nestjs/common';
import { observeBacklog, Terminals, type TerminalsWithoutKeys } from '@quittance/persistence';
import { Metrics } from '@quittance/platform';
import { QueueRegistry, registerQueueMetrics } from '@quittance/queues';
import { Pool } from 'pg';
import { QueueBoard } from './queue-board.js';
import { QueueNames } from './queue-names.js';

@Module({})
export class OpsModule {
  static register(subscribers: readonly string[]): DynamicModule {
    return {
      module: OpsModule,
      providers: [
        {
          provide: QueueNames,
          useFactory: (terminals: TerminalsWithoutKeys) => new QueueNames(terminals, subscribers),
          inject: [Terminals],
        },
        {
          provide: QueueBoard,
          useFactory: (queues: QueueRegistry) => new QueueBoard(queues),
          inject: [QueueRegistry],
        },
      ],
    };
  }

  constructor(
    @Inject(Metrics) metrics: Metrics,
    @Inject(QueueRegistry) queues: QueueRegistry,
    @Inject(QueueNames) names: QueueNames,
    @Inject(Pool) pool: Pool,
  ) {
    registerQueueMetrics({ metrics, queues, names: () => names.list() });
    observeBacklog(pool, metrics);
  }
}
