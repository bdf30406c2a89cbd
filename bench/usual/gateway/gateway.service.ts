// Calls the gateway with the built-in `fetch`.
import { Injectable } from '@nestjs/common';
import type { CreatePaymentDto } from '../payments/create-payment.dto.js';
import { settings } from '../settings.js';
import { createForms } from './create-form.js';

const REPLY_LIMIT_MS = 10_000;
/** The `order_status` of a payment that the acquirer has still to settle. */
const PENDING = '0';

@Injectable()
export class GatewayService {
  readonly #formOf = createForms(settings.terminal);

  /** Creates a payment at the gateway. Throws unless the gateway replies that it is pending. */
  async create(id: string, payment: CreatePaymentDto): Promise<void> {
    const webhookUrl = `http://127.0.0.1:${settings.webhookPort}/callbacks/${id}`;
    const response = await fetch(`${settings.gatewayUrl}/api/s2s/encrypt`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: this.#formOf(payment, webhookUrl).toString(),
      signal: AbortSignal.timeout(REPLY_LIMIT_MS),
    });
    const reply = (await response.json()) as { order_status?: string };
    if (!response.ok || reply.order_status !== PENDING)
      throw new Error(`the gateway answered ${response.status} ${JSON.stringify(reply)}`);
  }
}
