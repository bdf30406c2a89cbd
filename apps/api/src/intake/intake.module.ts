// Accepting payments.
import { Module } from '@nestjs/common';
import { PaymentStoreModule, PostgresModule, VaultModule } from '@quittance/modules';
import { PaymentsModule } from '../payments/payments.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { AcceptPayment } from './accept-payment.js';
import { IntakeController } from './intake.controller.js';
import { IntakeCounter } from './intake-counter.js';

@Module({
  imports: [PostgresModule, PaymentStoreModule, VaultModule, TerminalsModule, PaymentsModule],
  controllers: [IntakeController],
  providers: [AcceptPayment, IntakeCounter],
})
export class IntakeModule {}
