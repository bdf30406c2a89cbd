// The merchant's list of events.
import { Module } from '@nestjs/common';
import { Pool } from 'pg';
import { EventsController } from './events.controller.js';
import { MerchantEvents } from './merchant-events.js';

@Module({
  controllers: [EventsController],
  providers: [
    {
      provide: MerchantEvents,
      useFactory: (pool: Pool) => new MerchantEvents(pool),
      inject: [Pool],
    },
  ],
})
export class EventsModule {}
