// Provides the operations API, and the pages of the queues.
import { Module } from '@nestjs/common';
import {
  EventSettings,
  PostgresModule,
  QueueNames,
  QueuesModule,
  storeProviders,
} from '@quittance/modules';
import {
  DoubtList,
  EventReplays,
  OperatorSessions,
  PaymentSearch,
  PrismaService,
  Terminals,
  type TerminalsWithoutKeys,
} from '@quittance/persistence';
import { AccessModule } from '../access/access.module.js';
import { PrismaModule } from '../prisma.module.js';
import { readProviders, ReadsModule } from '../reads/reads.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { ActingOperators } from './actions/acting-operators.js';
import { AuditController } from './audit/audit.controller.js';
import { DoubtsController } from './doubts/doubts.controller.js';
import { OpsEventsController } from './events/events.controller.js';
import { OpsHealthController } from './health/health.controller.js';
import { QueueReadings } from './health/queue-readings.js';
import { OpsLanesController } from './lanes/lanes.controller.js';
import { LiveOverview } from './overview/live-overview.js';
import { OverviewReadings } from './overview/overview-readings.js';
import { OverviewController } from './overview/overview.controller.js';
import { OpsPaymentsController } from './payments/ops-payments.controller.js';
import { PaymentStories } from './payments/payment-stories.js';
import { OperatorErrorFilter } from './sign-in/operator-error.filter.js';
import { OpsAdmission } from './sign-in/ops-admission.js';
import { OpsSessions } from './sign-in/ops-sessions.js';
import { SessionController } from './sign-in/session.controller.js';
import { OpsQueuesController } from './queues/queues.controller.js';
import { QueueBoard } from './queues/queue-board.js';
import { QueuePages } from './queues/queue-pages.js';

@Module({
  imports: [PostgresModule, ReadsModule, PrismaModule, QueuesModule, AccessModule, TerminalsModule],
  controllers: [
    SessionController,
    OpsHealthController,
    OverviewController,
    OpsPaymentsController,
    DoubtsController,
    OpsLanesController,
    OpsQueuesController,
    OpsEventsController,
    AuditController,
  ],
  providers: [
    ...readProviders(PaymentSearch),
    ...storeProviders(DoubtList, EventReplays),
    ActingOperators,
    PaymentStories,
    QueueReadings,
    OverviewReadings,
    LiveOverview,
    {
      provide: OperatorSessions,
      inject: [PrismaService],
      useFactory: (prisma: PrismaService) => new OperatorSessions(prisma),
    },
    OperatorErrorFilter,
    OpsSessions,
    OpsAdmission,
    {
      provide: QueueNames,
      inject: [Terminals, EventSettings],
      useFactory: (terminals: TerminalsWithoutKeys, { subscribers }: EventSettings) =>
        new QueueNames(terminals, subscribers),
    },
    QueueBoard,
    QueuePages,
  ],
})
export class OpsModule {}
