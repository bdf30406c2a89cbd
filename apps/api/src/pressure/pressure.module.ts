// Provides the pressure on the service, by which requests are shed.
import { Module } from '@nestjs/common';
import { PostgresModule, QueuesModule, storeProviders } from '@quittance/modules';
import { QueuedLanes } from '@quittance/persistence';
import { LaneDrains, QueueRegistry } from '@quittance/queues';
import { Pressure } from './pressure.js';

@Module({
  imports: [PostgresModule, QueuesModule],
  providers: [
    ...storeProviders(QueuedLanes),
    {
      provide: LaneDrains,
      inject: [QueueRegistry],
      useFactory: (queues: QueueRegistry) => new LaneDrains(queues),
    },
    Pressure,
  ],
  exports: [Pressure],
})
export class PressureModule {}
