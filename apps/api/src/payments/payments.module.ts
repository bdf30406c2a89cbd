// Reading payments, waiting for them, and cancelling them.
import { type BeforeApplicationShutdown, Inject, Module } from '@nestjs/common';
import { Payments, PrismaService, Terminals } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { ChangeSignal } from '@quittance/queues';
import { Pool } from 'pg';
import { AwaitPayment } from './await-payment.js';
import { CancelPayment } from './cancel-payment.js';
import { ListPayments } from './list-payments.js';
import { MerchantPayments } from './merchant-payments.js';
import { PaymentsController } from './payments.controller.js';

@Module({
  controllers: [PaymentsController],
  providers: [
    {
      provide: AwaitPayment,
      useFactory: (payments: Payments, changes: ChangeSignal) =>
        new AwaitPayment(payments, changes),
      inject: [Payments, ChangeSignal],
    },
    {
      provide: MerchantPayments,
      useFactory: (payments: Payments, terminals: Terminals) =>
        new MerchantPayments(payments, terminals),
      inject: [Payments, Terminals],
    },
    {
      provide: CancelPayment,
      useFactory: (payments: Payments, clock: Clock) => new CancelPayment(payments, clock),
      inject: [Payments, Clock],
    },
    {
      provide: ListPayments,
      useFactory: (pool: Pool) => new ListPayments(pool),
      inject: [Pool],
    },
    {
      provide: PrismaService,
      useFactory: (pool: Pool) => new PrismaService(pool),
      inject: [Pool],
    },
  ],
  exports: [AwaitPayment, MerchantPayments],
})
export class PaymentsModule implements BeforeApplicationShutdown {
  constructor(@Inject(AwaitPayment) private readonly awaitPayment: AwaitPayment) {}

  /** The requests in flight must end before the connections do. */
  beforeApplicationShutdown(): void {
    this.awaitPayment.stop();
  }
}
