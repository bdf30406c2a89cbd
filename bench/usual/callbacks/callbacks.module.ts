// The part of the process `webhook`.
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { PrismaModule } from '../prisma/prisma.module.js';
import { CallbacksController } from './callbacks.controller.js';
import { CallbacksService } from './callbacks.service.js';

@Module({
  imports: [PrismaModule, BullModule.registerQueue({ name: 'events' })],
  controllers: [CallbacksController],
  providers: [CallbacksService],
})
export class CallbacksModule {}
