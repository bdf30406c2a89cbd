// Reading payments, waiting for them, and cancelling them.
import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module } from '@nestjs/common';
import {
  Payments,
  PrismaService,
  Terminals,
  type TerminalsWithoutKeys,
} from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { ChangeSignal } from '@quittance/queues';
import { Pool } from 'pg';
import { AwaitPayment } from './await-payment.js';
import { CancelPayment } from './cancel-payment.js';
import type { HoldingPlaces } from './holding-places.js';
import { ListPayments } from './list-payments.js';
import { MerchantPayments } from './merchant-payments.js';
import { PaymentsController } from './payments.controller.js';

@Module({})
export class PaymentsModule implements BeforeApplicationShutdown {
  constructor(@Inject(AwaitPayment) private readonly awaitPayment: AwaitPayment) {}

  /** `places`: where answers are held, the same for payments and refunds. */
  static register(places: HoldingPlaces): DynamicModule {
    return {
      module: PaymentsModule,
      // For intake and refunds, which load payments and hold answers too; registered once, in the root module.
      global: true,
      controllers: [PaymentsController],
      providers: [
        {
          provide: AwaitPayment,
          useFactory: (payments: Payments, changes: ChangeSignal) =>
            new AwaitPayment(payments, changes, places),
          inject: [Payments, ChangeSignal],
        },
        {
          provide: MerchantPayments,
          useFactory: (payments: Payments, terminals: TerminalsWithoutKeys) =>
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
    };
  }

  /** The requests in flight must end before the connections do. */
  beforeApplicationShutdown(): void {
    this.awaitPayment.stop();
  }
}
