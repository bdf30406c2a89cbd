// Provides the pages and metrics of the queues for operators.
import { Module } from '@nestjs/common';
import { PostgresModule, QueuesModule } from '@quittance/modules';
import { observeBacklog } from '@quittance/persistence';
import { Metrics } from '@quittance/platform';
import { QueueRegistry, registerQueueMetrics } from '@quittance/queues';
import { Pool } from 'pg';
import { AccessModule } from '../access/access.module.js';
import { PrismaModule } from '../prisma.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { QueueBoard } from './queue-board.js';
import { QueueNames } from './queue-names.js';
import { QueuePages } from './queue-pages.js';

@Module({
  imports: [PostgresModule, PrismaModule, QueuesModule, AccessModule, TerminalsModule],
  providers: [QueueNames, QueueBoard, QueuePages],
})
export class OpsModule {
  constructor(metrics: Metrics, queues: QueueRegistry, names: QueueNames, pool: Pool) {
    registerQueueMetrics({ metrics, queues, names: () => names.list() });
    observeBacklog(pool, metrics);
  }
}
