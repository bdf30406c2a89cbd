// Provides the reads, long polls and cancellation of payments.
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import { PaymentStoreModule, PostgresModule, QueuesModule } from '@quittance/modules';
import { PaymentList } from '@quittance/persistence';
import { AccessModule } from '../access/access.module.js';
import { PressureModule } from '../pressure/pressure.module.js';
import { PrismaModule } from '../prisma.module.js';
import { readProviders, ReadsModule } from '../reads/reads.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { PaymentLongPoll, LongPollSlots } from './long-poll.js';
import { PaymentCancellation } from './payment-cancellation.js';
import { PaymentListing } from './payment-listing.js';
import { MerchantPayments } from './merchant-payments.js';
import { PaymentsController } from './payments.controller.js';

/** Exports the merchant's payments and the long polls, which intake and refunds use too. */
@Module({
  imports: [
    PostgresModule,
    ReadsModule,
    PrismaModule,
    QueuesModule,
    PaymentStoreModule,
    TerminalsModule,
    AccessModule,
    PressureModule,
  ],
  controllers: [PaymentsController],
  providers: [
    ...readProviders(PaymentList),
    LongPollSlots,
    PaymentLongPoll,
    MerchantPayments,
    PaymentCancellation,
    PaymentListing,
  ],
  exports: [PaymentLongPoll, MerchantPayments, LongPollSlots],
})
export class PaymentsModule implements BeforeApplicationShutdown {
  constructor(private readonly longPoll: PaymentLongPoll) {}

  /** The requests in flight must end before their connections close. */
  beforeApplicationShutdown(): void {
    this.longPoll.stop();
  }
}
