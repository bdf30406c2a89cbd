// The payment status machine as data. Predicates, the database's guard, the OpenAPI enum and the
// diagram in docs are derived from this table or compared with it by a test.

/**
 * The status of a payment. The domain writes it in camelCase, the wire and the database in
 * snake_case.
 */
export type PaymentStatus = keyof typeof PAYMENT_STATUSES;

interface StatusFacts {
  /** The state of the payment, and the actor that moves it on (also when a process dies here). */
  readonly meaning: string;
  /** Every status that may follow directly. */
  readonly next: readonly string[];
}

const GATEWAY_ENDS = [
  'succeeded',
  'declined',
  'blocked',
  'failed',
  'expired',
  'cancelled',
  'refundPending',
  'reversed',
  'chargedBack',
  'disputed',
] as const;

/**
 * The gateway reports a state past a success that we never saw: the money moved, and the status
 * says so.
 */
const AFTER_SUCCESS = ['refundPending', 'reversed', 'chargedBack', 'disputed'] as const;

/**
 * The statuses that the gateway may still report for a payment that was not charged, without the
 * end itself.
 */
const OTHER_ENDS_THAN = <E extends (typeof GATEWAY_ENDS)[number]>(end: E) =>
  GATEWAY_ENDS.filter((other): other is Exclude<(typeof GATEWAY_ENDS)[number], E> => other !== end);

export const PAYMENT_STATUSES = {
  queued: {
    meaning:
      'Accepted and committed, not sent. The worker opens an attempt; the caller may cancel.',
    next: ['submitting', 'cancelled', 'failed'],
  },
  submitting: {
    meaning:
      'An attempt is open and its request may be on the wire. The reply moves it on; if the worker died, the sweeper makes it inDoubt.',
    next: ['queued', 'requiresAction', 'processing', 'inDoubt', ...GATEWAY_ENDS],
  },
  requiresAction: {
    meaning:
      'The gateway holds it and the payer must visit authurl. An inquiry moves it on, at once after a callback.',
    next: ['processing', ...GATEWAY_ENDS],
  },
  processing: {
    meaning:
      'The gateway holds it and the payer has nothing to do. An inquiry moves it on, at once after a callback.',
    next: ['requiresAction', ...GATEWAY_ENDS],
  },
  inDoubt: {
    meaning:
      'We do not know whether the gateway has it. An inquiry or a person with evidence moves it on; no timer does.',
    next: ['requiresAction', 'processing', ...GATEWAY_ENDS],
  },
  succeeded: {
    meaning: 'The gateway reported the charge. Rare inquiries watch for a refund or chargeback.',
    next: ['refunded', 'partiallyRefunded', ...AFTER_SUCCESS],
  },
  declined: {
    meaning: 'The gateway reported a decline. Final, unless it is assumed.',
    next: OTHER_ENDS_THAN('declined'),
  },
  blocked: {
    meaning: 'The gateway refused it because of a block list or rule. Final, unless it is assumed.',
    next: OTHER_ENDS_THAN('blocked'),
  },
  failed: {
    meaning:
      'Refused before a charge was possible, not sent before the deadline, or never arrived. A late success re-opens it; if it is assumed, so does any end that the gateway reports.',
    next: OTHER_ENDS_THAN('failed'),
  },
  expired: {
    meaning: 'Expired at the gateway. Soft: an end that it reports later still counts.',
    next: OTHER_ENDS_THAN('expired'),
  },
  cancelled: {
    meaning:
      'Cancelled at the gateway (soft: an end that it reports later still counts), or by the caller before it was sent.',
    next: OTHER_ENDS_THAN('cancelled'),
  },
  refundPending: {
    meaning: 'The gateway has accepted a refund. An inquiry finds it completed.',
    next: ['refunded', 'partiallyRefunded', 'reversed', 'chargedBack', 'disputed'],
  },
  refunded: {
    meaning: 'Our refund of the whole amount is complete.',
    next: ['chargedBack', 'disputed'],
  },
  partiallyRefunded: {
    meaning: 'Our refund of a part is complete.',
    next: ['chargedBack', 'disputed'],
  },
  reversed: {
    meaning: 'The money went back without a refund of ours.',
    next: ['chargedBack', 'disputed'],
  },
  chargedBack: { meaning: 'Charged back by the card holder.', next: [] },
  disputed: {
    meaning:
      'A dispute is open at the acquirer. If it is lost, the payment is charged back; an inquiry that finds the charge unchanged ends it.',
    next: [
      'succeeded',
      'refundPending',
      'refunded',
      'partiallyRefunded',
      'reversed',
      'chargedBack',
    ],
  },
} as const satisfies Record<string, StatusFacts>;

/** All statuses, in the order in which a payment meets them. */
export const paymentStatuses = Object.keys(PAYMENT_STATUSES) as readonly PaymentStatus[];

/** True when a payment may go from `from` to `to` in one transition. */
export function mayMove(from: PaymentStatus, to: PaymentStatus): boolean {
  return (PAYMENT_STATUSES[from].next as readonly PaymentStatus[]).includes(to);
}

/**
 * True when a request may have reached the gateway and its attempt is over, so that an inquiry
 * makes sense.
 */
export function isHandedOver(status: PaymentStatus): boolean {
  return status !== 'queued' && status !== 'submitting';
}

/** True when the gateway may have the payment and has not reported its end. */
export function isAwaitingGateway(status: PaymentStatus): boolean {
  return status === 'requiresAction' || status === 'processing' || status === 'inDoubt';
}

/** True for an end that the gateway may still revoke (order_status 22 and 23, protocol §5.3). */
export function isSoftEnd(status: PaymentStatus): boolean {
  return status === 'expired' || status === 'cancelled';
}

/** True when the charge happened, whatever happened to the money afterwards. */
export function hasBeenCharged(status: PaymentStatus): boolean {
  return (
    status === 'succeeded' ||
    (PAYMENT_STATUSES.succeeded.next as readonly string[]).includes(status)
  );
}

/**
 * True when only a refund, a chargeback, or a late report about a soft or assumed end can move the
 * payment on.
 */
export function isEnded(status: PaymentStatus): boolean {
  return isHandedOver(status) && !isAwaitingGateway(status);
}

// The names in the public contract and in the database.

/**
 * Converts `requiresAction` to `requires_action`, the form of the public contract and the database.
 */
export function statusToWire(status: PaymentStatus): string {
  return WIRE[status];
}

/** Converts `requires_action` to `requiresAction`; `undefined` for any other text. */
export function statusFromWire(text: string): PaymentStatus | undefined {
  return FROM_WIRE.get(text);
}

const snake = (text: string) => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const WIRE = Object.fromEntries(paymentStatuses.map((status) => [status, snake(status)])) as Record<
  PaymentStatus,
  string
>;
const FROM_WIRE = new Map(paymentStatuses.map((status) => [WIRE[status], status]));
