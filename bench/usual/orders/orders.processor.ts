// Stores orders: one event, one insert.
import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { PaymentEvent } from '../callbacks/callbacks.service.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { CONCURRENCY } from '../settings.js';

@Processor('events', { concurrency: CONCURRENCY })
export class OrdersProcessor extends WorkerHost {
  readonly #logger = new Logger(OrdersProcessor.name);

  constructor(private readonly prisma: PrismaService) {
    super();
  }

  async process({ data }: Job<PaymentEvent>): Promise<void> {
    const { id: payment_id, reference, status } = data;
    await this.prisma.order.create({ data: { payment_id, reference, status } });
  }

  @OnWorkerEvent('failed')
  onFailed(_: unknown, { message }: Error): void {
    this.#logger.error(message);
  }
}
