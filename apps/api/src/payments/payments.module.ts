// Reading payments, waiting for them, and cancelling them.
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import {
  PaymentStoreModule,
  PostgresModule,
  QueuesModule,
  storeProviders,
} from '@quittance/modules';
import { PaymentList } from '@quittance/persistence';
import { PrismaModule } from '../prisma.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { AwaitPayment, HoldingPlaces } from './long-poll.js';
import { CancelPayment } from './cancel-payment.js';
import { ListPayments } from './list-payments.js';
import { MerchantPayments } from './merchant-payments.js';
import { PaymentsController } from './payments.controller.js';

/**
 * Exports what intake and refunds need too: the merchant's payments, and where answers are held.
 */
@Module({
  imports: [PostgresModule, PrismaModule, QueuesModule, PaymentStoreModule, TerminalsModule],
  controllers: [PaymentsController],
  providers: [
    ...storeProviders(PaymentList),
    HoldingPlaces,
    AwaitPayment,
    MerchantPayments,
    CancelPayment,
    ListPayments,
  ],
  exports: [AwaitPayment, MerchantPayments, HoldingPlaces],
})
export class PaymentsModule implements BeforeApplicationShutdown {
  constructor(private readonly awaitPayment: AwaitPayment) {}

  /** The requests in flight must end before the connections do. */
  beforeApplicationShutdown(): void {
    this.awaitPayment.stop();
  }
}
