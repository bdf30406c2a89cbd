// Provides the page through which payers come back from the gateway.
import { Module } from '@nestjs/common';
import { PaymentStoreModule, PostgresModule, VaultModule } from '@quittance/modules';
import { PaymentsModule } from '../payments/payments.module.js';
import { TerminalsModule } from '../terminals.module.js';
import { ReturnsController } from './returns.controller.js';

@Module({
  imports: [PostgresModule, PaymentStoreModule, VaultModule, TerminalsModule, PaymentsModule],
  controllers: [ReturnsController],
})
export class ReturnsModule {}
