// Transitions of payments and refunds for tests, as the database stores them.
import type { Moved } from './event-publisher.js';

let paymentCount = 0;

/** Returns a transition of a payment of its own, with `overrides`. */
export function aMove(overrides: Partial<Moved> = {}): Moved {
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

/** Returns a transition of a refund of its own, with `overrides`. */
export function aRefundMove(overrides: Partial<Moved> = {}): Moved {
  const move = aMove({ sequence: 2, status: 'submitting', ...overrides });
  const { paymentId, sequence, status, at } = move;
  const id = `re_${paymentId.slice(3)}`;
  const snapshot = {
    id,
    object: 'refund',
    payment_intent: paymentId,
    reference: `RF-${id.slice(-6)}`,
    amount: '5.00',
    currency: 'EUR',
    reason: null,
    status,
    failure: null,
    doubt_reason: null,
    version: sequence,
    created_at: at.toISOString(),
    updated_at: at.toISOString(),
  };
  return {
    ...move,
    previousStatus: sequence === 1 ? null : 'submitting',
    snapshot: { ...(move.snapshot as object), status: 'succeeded', version: 3 },
    refund: { id, snapshot },
    ...overrides,
  };
}

function aSnapshot({ paymentId, sequence, status, at }: Omit<Moved, 'snapshot'>): object {
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
