import type { Card } from '@quittance/vault';
import type { PaymentRequest } from '../load/payment-request.mjs';

/** The columns of `payments` that the gateway is told. */
export type StoredRequest = Omit<PaymentRequest, 'card' | 'terminal'>;

export declare function createRequest(
  row: StoredRequest,
  card: Card,
): Omit<PaymentRequest, 'terminal'>;
