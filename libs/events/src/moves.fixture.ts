// Transitions of payments for tests, as the database stores them.
import type { PaymentMoved } from './event-publisher.js';

let paymentCount = 0;

/** Returns a transition of a payment of its own, with `overrides`. */
export function aMove(overrides: Partial<PaymentMoved> = {}): PaymentMoved {
  paymentCount += 1;
  const paymentId = `pi_${String(paymentCount).padStart(26, '0')}`;
  const at = new Date();
  const move = {
    paymentId,
    merchantId: 'mer_test',
    sequence: 1,
    status: 'succeeded',
    previousStatus: null,
    cause: 'reply',
    at,
  };
  const merged = { ...move, ...overrides };
  return { snapshot: aSnapshot(merged), ...merged };
}

function aSnapshot({ paymentId, sequence, status, at }: Omit<PaymentMoved, 'snapshot'>): object {
  return {
    id: paymentId,
    object: 'payment_intent',
    reference: `ORD-${paymentId.slice(-6)}`,
    terminal: 'main',
    livemode: false,
    amount: '11.11',
    currency: 'EUR',
    refunded_amount: '0.00',
    method: 'CC',
    status,
    next_action: null,
    card: { brand: 'visa', first6: '401200', last4: '0026' },
    gateway: null,
    failure: null,
    doubt_reason: null,
    flags: [],
    metadata: {},
    version: sequence,
    created_at: at.toISOString(),
    updated_at: at.toISOString(),
  };
}
