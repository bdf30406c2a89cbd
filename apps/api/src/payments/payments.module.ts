// Reading payments, waiting for them, and cancelling them.
import { type BeforeApplicationShutdown, Module, Inject } from '@nestjs/common';
import { Payments, Terminals } from '@quittance/persistence';
import { ChangeSignal } from '@quittance/queues';
import { AwaitPayment } from './await-payment.js';
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
