// Submits payments: one job, one call. The outcome comes with the callback.
import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Submission } from '../payments/payments.service.js';
import { CONCURRENCY } from '../settings.js';
import { GatewayService } from './gateway.service.js';

@Processor('payments', { concurrency: CONCURRENCY })
export class SubmissionProcessor extends WorkerHost {
  readonly #logger = new Logger(SubmissionProcessor.name);

  constructor(private readonly gateway: GatewayService) {
    super();
  }

  async process({ data }: Job<Submission>): Promise<void> {
    await this.gateway.create(data.id, data.payment);
  }

  @OnWorkerEvent('failed')
  onFailed(_: unknown, { message }: Error): void {
    this.#logger.error(message);
  }
}
