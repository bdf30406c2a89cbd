// Asking for refunds and reading them.
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import { PaymentStoreModule, PostgresModule, QueuesModule } from '@quittance/modules';
import { PaymentsModule } from '../payments/payments.module.js';
import { AwaitRefund } from './await-refund.js';
import { RefundsController } from './refunds.controller.js';
import { RequestRefund } from './request-refund.js';

@Module({
  imports: [PostgresModule, QueuesModule, PaymentStoreModule, PaymentsModule],
  controllers: [RefundsController],
  providers: [RequestRefund, AwaitRefund],
})
export class RefundsModule implements BeforeApplicationShutdown {
  constructor(private readonly awaitRefund: AwaitRefund) {}

  /** The requests in flight must end before the connections do. */
  beforeApplicationShutdown(): void {
    this.awaitRefund.stop();
  }
}
