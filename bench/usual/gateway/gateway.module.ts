// The part of the process `worker`.
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { GatewayService } from './gateway.service.js';
import { SubmissionProcessor } from './submission.processor.js';

@Module({
  imports: [BullModule.registerQueue({ name: 'payments' })],
  providers: [GatewayService, SubmissionProcessor],
})
export class GatewayModule {}
