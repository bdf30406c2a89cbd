// Refunds: request and read.
import type { components } from './api.js';
import type { CallOptions, HeldCallOptions } from './payments.js';
import type { Transport } from './transport.js';

export type Refund = components['schemas']['Refund'];
export type CreateRefund = components['schemas']['CreateRefund'];

export class RefundsClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Requests a refund, or returns the one that its reference already has. Rejects with
   * `state_conflict` unless the payment succeeded, with `refund_exists` while it has another
   * refund, and with `reference_conflict` for other content under the reference.
   */
  create(
    paymentId: string,
    request: CreateRefund,
    { waitSeconds, signal }: HeldCallOptions = {},
  ): Promise<Refund> {
    const path = `/v1/payment-intents/${encodeURIComponent(paymentId)}/refunds`;
    return this.#transport.json({ method: 'POST', path, body: request, waitSeconds, signal });
  }

  /** A refund as it is now. */
  get(id: string, { signal }: CallOptions = {}): Promise<Refund> {
    const path = `/v1/refunds/${encodeURIComponent(id)}`;
    return this.#transport.json({ method: 'GET', path, signal });
  }
}
