// Provides the intake of batches.
import { Module } from '@nestjs/common';
import { PostgresModule, storeProviders } from '@quittance/modules';
import { PaymentBatches } from '@quittance/persistence';
import { AccessModule } from '../access/access.module.js';
import { IntakeModule } from '../intake/intake.module.js';
import { PressureModule } from '../pressure/pressure.module.js';
import { BatchIntake } from './batch-intake.js';
import { BatchesController } from './batches.controller.js';
import { LineAdmission } from './line-admission.js';
import { LineIntake } from './line-intake.js';

@Module({
  imports: [PostgresModule, AccessModule, IntakeModule, PressureModule],
  controllers: [BatchesController],
  providers: [...storeProviders(PaymentBatches), LineAdmission, LineIntake, BatchIntake],
})
export class BatchesModule {}
