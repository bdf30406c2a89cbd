// Provides the gateway's own addresses.
import { Module } from '@nestjs/common';
import { PostgresModule, storeProviders, VaultModule } from '@quittance/modules';
import { DropIns } from '@quittance/persistence';
import { AccessModule } from '../access/access.module.js';
import { IntakeModule } from '../intake/intake.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { DropInController } from './drop-in.controller.js';
import { RequestOpener } from './open-request.js';

@Module({
  imports: [PostgresModule, VaultModule, AccessModule, IntakeModule, PaymentsModule],
  controllers: [DropInController],
  providers: [...storeProviders(DropIns), RequestOpener],
})
export class DropInModule {}
