// Provides the merchant's list of events, and the long polls on it.
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import { QueuesModule } from '@quittance/modules';
import { EventList } from '@quittance/persistence';
import { PaymentsModule } from '../payments/payments.module.js';
import { PressureModule } from '../pressure/pressure.module.js';
import { readProviders, ReadsModule } from '../reads/reads.module.js';
import { EventLongPoll } from './event-long-poll.js';
import { EventsController } from './events.controller.js';
import { MerchantEvents } from './merchant-events.js';

@Module({
  imports: [ReadsModule, QueuesModule, PaymentsModule, PressureModule],
  controllers: [EventsController],
  providers: [...readProviders(EventList), MerchantEvents, EventLongPoll],
})
export class EventsModule implements BeforeApplicationShutdown {
  constructor(private readonly longPoll: EventLongPoll) {}

  /** The requests in flight must end before their connections close. */
  beforeApplicationShutdown(): void {
    this.longPoll.stop();
  }
}
