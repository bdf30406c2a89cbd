// Accepting payments.
import { type DynamicModule, Module } from '@nestjs/common';
import { Payments, Terminals, type TerminalsWithoutKeys } from '@quittance/persistence';
import { Clock, Metrics } from '@quittance/platform';
import type { KeySet } from '@quittance/vault';
import { AcceptPayment } from './accept-payment.js';
import { IntakeController } from './intake.controller.js';
import { IntakeCounter } from './intake-counter.js';

/** The settings of intake. */
export interface IntakeOptions {
  readonly keys: KeySet;
  readonly submitWithinMs: number;
}

@Module({})
export class IntakeModule {
  static register(options: IntakeOptions): DynamicModule {
    return {
      module: IntakeModule,
      controllers: [IntakeController],
      providers: [
        {
          provide: AcceptPayment,
          useFactory: (payments: Payments, terminals: TerminalsWithoutKeys, clock: Clock) =>
            new AcceptPayment({ payments, terminals, clock, ...options }),
          inject: [Payments, Terminals, Clock],
        },
        {
          provide: IntakeCounter,
          useFactory: (metrics: Metrics) => new IntakeCounter(metrics),
          inject: [Metrics],
        },
      ],
    };
  }
}
