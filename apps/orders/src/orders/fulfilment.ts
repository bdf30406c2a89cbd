// Decides what happens to the goods of an order. Only the payment's status counts, so the newest
// event alone decides.

/**
 * `waiting`: the goods are reserved and nothing is final. `paid`: they may be shipped. `released`:
 * no money will come, and the reservation ends. `recalled`: the money was taken back, and the goods
 * are to be stopped or asked for.
 */
export type Fulfilment = 'waiting' | 'paid' | 'released' | 'recalled';

/**
 * Event types by their meaning for the goods. After a partial refund the customer keeps the goods.
 * An expired or cancelled payment may still succeed late: the order is then `paid` again, and the
 * shop has to find new goods.
 */
export const EVENTS_BY_FULFILMENT = {
  waiting: [
    'payment.queued.v1',
    'payment.submitting.v1',
    'payment.requires_action.v1',
    'payment.processing.v1',
    'payment.in_doubt.v1',
  ],
  paid: ['payment.succeeded.v1', 'payment.refund_pending.v1', 'payment.partially_refunded.v1'],
  released: [
    'payment.declined.v1',
    'payment.blocked.v1',
    'payment.failed.v1',
    'payment.expired.v1',
    'payment.cancelled.v1',
  ],
  recalled: [
    'payment.refunded.v1',
    'payment.reversed.v1',
    'payment.charged_back.v1',
    'payment.disputed.v1',
  ],
} as const satisfies Record<Fulfilment, readonly string[]>;

/** A payment that is paid pays the order; one that may still pay it is waited for. */
const PRECEDENCE = ['paid', 'waiting', 'recalled', 'released'] as const;

/** Returns the fulfilment of an order, whose payments have these. */
export function fulfilmentOf(payments: readonly Fulfilment[]): Fulfilment {
  return PRECEDENCE.find((fulfilment) => payments.includes(fulfilment)) ?? 'waiting';
}
