// Asking for refunds and reading them.
import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module } from '@nestjs/common';
import { Payments, Refunds } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { ChangeSignal } from '@quittance/queues';
import { PaymentsModule } from '../payments/payments.module.js';
import { AwaitRefund } from './await-refund.js';
import { RefundsController } from './refunds.controller.js';
import { RequestRefund } from './request-refund.js';

@Module({})
export class RefundsModule implements BeforeApplicationShutdown {
  constructor(@Inject(AwaitRefund) private readonly awaitRefund: AwaitRefund) {}

  /** `submitWithinMs`: how long a refund may wait for a gateway that cannot be reached, as for payments. */
  static register(options: { readonly submitWithinMs: number }): DynamicModule {
    const { submitWithinMs } = options;
    return {
      module: RefundsModule,
      imports: [PaymentsModule],
      controllers: [RefundsController],
      providers: [
        {
          provide: RequestRefund,
          useFactory: (payments: Payments, refunds: Refunds, clock: Clock) =>
            new RequestRefund({ payments, refunds, clock, submitWithinMs }),
          inject: [Payments, Refunds, Clock],
        },
        {
          provide: AwaitRefund,
          useFactory: (refunds: Refunds, changes: ChangeSignal) =>
            new AwaitRefund(refunds, changes),
          inject: [Refunds, ChangeSignal],
        },
      ],
    };
  }

  /** The requests in flight must end before the connections do. */
  beforeApplicationShutdown(): void {
    this.awaitRefund.stop();
  }
}
