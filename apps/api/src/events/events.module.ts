// Provides the merchant's list of events.
import { Module } from '@nestjs/common';
import { PostgresModule, storeProviders } from '@quittance/modules';
import { EventList } from '@quittance/persistence';
import { EventsController } from './events.controller.js';
import { MerchantEvents } from './merchant-events.js';

@Module({
  imports: [PostgresModule],
  controllers: [EventsController],
  providers: [...storeProviders(EventList), MerchantEvents],
})
export class EventsModule {}
