// Provides the intake of payments.
import { Module } from '@nestjs/common';
import { PaymentStoreModule, PostgresModule, VaultModule } from '@quittance/modules';
import { PaymentsModule } from '../payments/payments.module.js';
import { PressureModule } from '../pressure/pressure.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { PaymentIntake } from './payment-intake.js';
import { CardSession } from './card-session.js';
import { IntakeController } from './intake.controller.js';
import { IntakeCounter } from './intake-counter.js';

@Module({
  imports: [
    PostgresModule,
    PaymentStoreModule,
    VaultModule,
    TerminalsModule,
    PaymentsModule,
    PressureModule,
  ],
  controllers: [IntakeController],
  providers: [PaymentIntake, CardSession, IntakeCounter],
  exports: [PaymentIntake, IntakeCounter],
})
export class IntakeModule {}
