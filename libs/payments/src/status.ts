// The payment status machine as data. Predicates, the database's guard, the OpenAPI enum and the
// diagram in docs are derived from this table or compared with it by a test.

/**
 * Where a payment stands. Literals are the domain's; the wire and the database write them in
 * snake_case.
 */
export type PaymentStatus = keyof typeof PAYMENT_STATUSES;

interface StatusFacts {
  /** What is true of the payment, and who moves it on (also when a process dies here). */
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
 * The gateway was found to be past a success we never saw: the money moved, so it is told as it is.
 */
const AFTER_SUCCESS = ['refundPending', 'reversed', 'chargedBack', 'disputed'] as const;

/**
 * Whatever the gateway may still say of a payment that has not been charged; each end leaves itself
 * out.
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
    meaning: 'The gateway reported the charge. Inquiry watches slowly for refund and chargeback.',
    next: ['refunded', 'partiallyRefunded', ...AFTER_SUCCESS],
  },
  declined: {
    meaning: 'The gateway reported a decline. Final, unless it is assumed.',
    next: OTHER_ENDS_THAN('declined'),
  },
  blocked: {
    meaning: 'The gateway refused by a block list or rule. Final, unless it is assumed.',
    next: OTHER_ENDS_THAN('blocked'),
  },
  failed: {
    meaning:
      'Refused before a charge was possible, never reachable until the deadline, or never arrived. Re-opened by a late success; if it is assumed, by any end the gateway reports.',
    next: OTHER_ENDS_THAN('failed'),
  },
  expired: {
    meaning: 'The gateway let it lapse. Soft: whatever end it reports later still counts.',
    next: OTHER_ENDS_THAN('expired'),
  },
  cancelled: {
    meaning:
      'Cancelled at the gateway (soft: whatever end it reports later still counts) or by the caller before it was sent.',
    next: OTHER_ENDS_THAN('cancelled'),
  },
  refundPending: {
    meaning: 'The gateway has accepted a refund. Inquiry sees it completed.',
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
  reversed: { meaning: 'Taken back without a refund of ours.', next: ['chargedBack', 'disputed'] },
  chargedBack: { meaning: 'Charged back by the card holder.', next: [] },
  disputed: {
    meaning:
      'A dispute is open at the acquirer. Lost, it is charged back; an inquiry that finds the charge as before ends it.',
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

/** Whether a payment in `from` may go to `to` in one move. */
export function mayMove(from: PaymentStatus, to: PaymentStatus): boolean {
  return (PAYMENT_STATUSES[from].next as readonly PaymentStatus[]).includes(to);
}

/**
 * A request for it may have reached the gateway, and its attempt is over: there is something to ask
 * about.
 */
export function isHandedOver(status: PaymentStatus): boolean {
  return status !== 'queued' && status !== 'submitting';
}

/** The gateway may hold it and has not said how it ended. */
export function isAwaitingGateway(status: PaymentStatus): boolean {
  return status === 'requiresAction' || status === 'processing' || status === 'inDoubt';
}

/** An end that the gateway may still revoke (order_status 22 and 23, protocol §5.3). */
export function isSoftEnd(status: PaymentStatus): boolean {
  return status === 'expired' || status === 'cancelled';
}

/** The charge happened, whatever became of the money afterwards. */
export function hasBeenCharged(status: PaymentStatus): boolean {
  return (
    status === 'succeeded' ||
    (PAYMENT_STATUSES.succeeded.next as readonly string[]).includes(status)
  );
}

/**
 * Nothing will move it on but a refund, a chargeback, or a late word about a soft or assumed end.
 */
export function isEnded(status: PaymentStatus): boolean {
  return isHandedOver(status) && !isAwaitingGateway(status);
}

// The names outside: in the public contract and in the database.

/** `requiresAction` → `requires_action`, the form of the public contract and the database. */
export function statusToWire(status: PaymentStatus): string {
  return WIRE[status];
}

/** `requires_action` → `requiresAction`; `undefined` for anything else. */
export function statusFromWire(text: string): PaymentStatus | undefined {
  return FROM_WIRE.get(text);
}

const snake = (text: string) => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const WIRE = Object.fromEntries(paymentStatuses.map((status) => [status, snake(status)])) as Record<
  PaymentStatus,
  string
>;
const FROM_WIRE = new Map(paymentStatuses.map((status) => [WIRE[status], status]));
