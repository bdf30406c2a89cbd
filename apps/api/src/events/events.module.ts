// The merchant's list of events.
import { Module } from '@nestjs/common';
import { PostgresModule } from '@quittance/modules';
import { EventsController } from './events.controller.js';
import { MerchantEvents } from './merchant-events.js';

@Module({
  imports: [PostgresModule],
  controllers: [EventsController],
  providers: [MerchantEvents],
})
export class EventsModule {}
