// Asking for refunds and reading them.
import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module } from '@nestjs/common';
import { Payments, Refunds } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { ChangeSignal } from '@quittance/queues';
import type { HoldingPlaces } from '../payments/holding-places.js';
import { AwaitRefund } from './await-refund.js';
import { RefundsController } from './refunds.controller.js';
import { RequestRefund } from './request-refund.js';

/** What refunds are made with. */
export interface RefundsOptions {
  /** How long a refund may wait for a gateway that cannot be reached, as for payments. */
  readonly submitWithinMs: number;
  /** Where answers are held, the same for payments and refunds. */
  readonly places: HoldingPlaces;
}

@Module({})
export class RefundsModule implements BeforeApplicationShutdown {
  constructor(@Inject(AwaitRefund) private readonly awaitRefund: AwaitRefund) {}

  static register({ submitWithinMs, places }: RefundsOptions): DynamicModule {
    return {
      module: RefundsModule,
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
            new AwaitRefund(refunds, changes, places),
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
