// The part of the process `orders`.
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { PrismaModule } from '../prisma/prisma.module.js';
import { OrdersProcessor } from './orders.processor.js';

@Module({
  imports: [PrismaModule, BullModule.registerQueue({ name: 'events' })],
  providers: [OrdersProcessor],
})
export class OrdersModule {}
