// Provides the requests, reads, lists and long polls of refunds.
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import { PaymentStoreModule, PostgresModule, QueuesModule } from '@quittance/modules';
import { RefundList } from '@quittance/persistence';
import { PaymentsModule } from '../payments/payments.module.js';
import { PressureModule } from '../pressure/pressure.module.js';
import { readProviders, ReadsModule } from '../reads/reads.module.js';
import { RefundLongPoll } from './refund-long-poll.js';
import { RefundListing } from './refund-listing.js';
import { RefundsController } from './refunds.controller.js';
import { RefundIntake } from './refund-intake.js';

@Module({
  imports: [
    PostgresModule,
    ReadsModule,
    QueuesModule,
    PaymentStoreModule,
    PaymentsModule,
    PressureModule,
  ],
  controllers: [RefundsController],
  providers: [...readProviders(RefundList), RefundIntake, RefundListing, RefundLongPoll],
})
export class RefundsModule implements BeforeApplicationShutdown {
  constructor(private readonly longPoll: RefundLongPoll) {}

  /** The requests in flight must end before their connections close. */
  beforeApplicationShutdown(): void {
    this.longPoll.stop();
  }
}
