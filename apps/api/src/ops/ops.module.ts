// Provides the pages of the queues for operators.
import { Module } from '@nestjs/common';
import { EventSettings, PostgresModule, QueueNames, QueuesModule } from '@quittance/modules';
import { Terminals, type TerminalsWithoutKeys } from '@quittance/persistence';
import { AccessModule } from '../access/access.module.js';
import { PrismaModule } from '../prisma.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { QueueBoard } from './queue-board.js';
import { QueuePages } from './queue-pages.js';

@Module({
  imports: [PostgresModule, PrismaModule, QueuesModule, AccessModule, TerminalsModule],
  providers: [
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
