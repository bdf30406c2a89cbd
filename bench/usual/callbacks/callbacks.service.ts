// Handles callbacks: decrypts, one update, one event.
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, NotFoundException } from '@nestjs/common';
import { Queue } from 'bullmq';
import { TerminalCipher } from '../gateway/cipher.js';
import type { Payment } from '../generated/client.js';
import { hasCode } from '../prisma/error-codes.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { settings } from '../settings.js';

interface CallbackFields {
  readonly order_status: string;
  readonly transID: string;
}

/** An event of the queue `events`: the payment after its change. */
export type PaymentEvent = Pick<Payment, keyof typeof PUBLISHED>;

const PUBLISHED = {
  id: true,
  status: true,
  trans_id: true,
  reference: true,
  amount: true,
  currency: true,
} as const;
const STATUS_NAMES: Readonly<Record<string, string>> = { 1: 'succeeded', 2: 'declined' };

@Injectable()
export class CallbacksService {
  readonly #cipher = new TerminalCipher(settings.terminal);

  constructor(
    private readonly prisma: PrismaService,
    @InjectQueue('events') private readonly events: Queue<PaymentEvent>,
  ) {}

  /** Throws a 404 if there is no such payment. */
  async receive(id: string, data: string): Promise<void> {
    const { order_status, transID } = JSON.parse(this.#cipher.decrypt(data)) as CallbackFields;
    const status = STATUS_NAMES[order_status] ?? 'processing';
    const event = await this.#update(id, { status, trans_id: transID });
    await this.events.add(`payment.${status}`, event);
  }

  async #update(id: string, data: Pick<Payment, 'status' | 'trans_id'>): Promise<PaymentEvent> {
    try {
      return await this.prisma.payment.update({ where: { id }, data, select: PUBLISHED });
    } catch (error) {
      if (hasCode(error, 'isMissing')) throw new NotFoundException();
      throw error;
    }
  }
}
