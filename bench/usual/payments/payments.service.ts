// Accepts payments: one row, one job. As in the bare version, the job has the card in clear.
import { InjectQueue } from '@nestjs/bullmq';
import { ConflictException, Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { hasCode } from '../prisma/error-codes.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { CreatePaymentDto } from './create-payment.dto.js';

/** A job of the queue `payments`. */
export interface Submission {
  readonly id: string;
  readonly payment: CreatePaymentDto;
}

/** The columns of the response. */
const SHOWN = {
  id: true,
  reference: true,
  amount: true,
  currency: true,
  status: true,
  created_at: true,
} as const;

@Injectable()
export class PaymentsService {
  constructor(
    private readonly prisma: PrismaService,
    @InjectQueue('payments') private readonly queue: Queue<Submission>,
  ) {}

  /** Throws a 409 if the reference is taken. */
  async create(payment: CreatePaymentDto) {
    const created = await this.#insert(payment);
    await this.queue.add('submit', { id: created.id, payment });
    return created;
  }

  async #insert(payment: CreatePaymentDto) {
    const { reference, amount, currency, method, product_name, return_url, customer } = payment;
    const data = { reference, amount, currency, method, product_name, return_url, customer };
    try {
      return await this.prisma.payment.create({ data, select: SHOWN });
    } catch (error) {
      if (hasCode(error, 'isTaken')) throw new ConflictException('The reference is taken.');
      throw error;
    }
  }
}
