// The part of the process `api`.
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { PrismaModule } from '../prisma/prisma.module.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsService } from './payments.service.js';

@Module({
  imports: [PrismaModule, BullModule.registerQueue({ name: 'payments' })],
  controllers: [PaymentsController],
  providers: [PaymentsService],
})
export class PaymentsModule {}
