// Every order_status code that the gateway is known to use, over all its generations (protocol §7).
// Branch on the code only: one code has different texts in different replies, and new codes read
// "Pending".

interface OrderStatusRow {
  /** The number on the wire; replies contain it as text. */
  readonly code: number;
  readonly name: string;
  /** The `status` text of status replies and callbacks. */
  readonly serviceText: string;
  /** The `status` text of the create reply, which knows fewer codes. */
  readonly engineText: string;
  /** The text of the read-only look-up, if it differs. */
  readonly lookUpText?: string;
  /** The `serviceText` of the older generation (A), if it differs. */
  readonly olderServiceText?: string;
}

/**
 * The union table of protocol §7, by ascending code. A code that is not in it is unknown and never
 * guessed.
 */
export const orderStatuses = [
  { code: 0, name: 'pending', serviceText: 'Pending', engineText: 'Pending' },
  { code: 1, name: 'approved', serviceText: 'Approved', engineText: 'Approved' },
  { code: 2, name: 'declined', serviceText: 'Declined', engineText: 'Declined' },
  { code: 3, name: 'refunded', serviceText: 'Refunded', engineText: 'Refunded' },
  { code: 5, name: 'chargeback', serviceText: 'Chargeback', engineText: 'Chargeback' },
  { code: 7, name: 'reversed', serviceText: 'Reversed', engineText: 'Reversed' },
  {
    code: 8,
    name: 'refundPending',
    serviceText: 'Refund Pending',
    engineText: 'Refund Pending',
    lookUpText: 'Request Processed',
  },
  { code: 9, name: 'test', serviceText: 'Test', engineText: 'Test' },
  { code: 10, name: 'blocked', serviceText: 'Blocked', engineText: 'Scrubbed' },
  { code: 11, name: 'predispute', serviceText: 'Predispute', engineText: 'Predispute' },
  { code: 12, name: 'partialRefund', serviceText: 'Partial Refund', engineText: 'Partial Refund' },
  {
    code: 13,
    name: 'withdrawRequested',
    serviceText: 'Withdraw Requested',
    engineText: 'Withdraw Requested',
  },
  {
    code: 14,
    name: 'withdrawRolling',
    serviceText: 'Withdraw Rolling',
    engineText: 'Withdraw Rolling',
  },
  { code: 20, name: 'frozenBalance', serviceText: 'Frozen Balance', engineText: 'Frozen Balance' },
  { code: 21, name: 'frozenRolling', serviceText: 'Frozen Rolling', engineText: 'Frozen Rolling' },
  { code: 22, name: 'expired', serviceText: 'Expired', engineText: 'Expired' },
  { code: 23, name: 'cancelled', serviceText: 'Cancelled', engineText: 'Cancelled' },
  { code: 24, name: 'failed', serviceText: 'Failed', engineText: 'Failed' },
  { code: 25, name: 'testApproved', serviceText: 'Test Approved', engineText: 'Pending' },
  { code: 26, name: 'testDeclined', serviceText: 'Test Declined', engineText: 'Pending' },
  { code: 27, name: 'test3ds', serviceText: 'Test 3DS Authentication', engineText: 'Pending' },
  {
    code: 28,
    name: 'blockedRegulatory',
    serviceText: 'Blocked - Regulatory Violation',
    engineText: 'Pending',
    olderServiceText: 'Pending',
  },
] as const satisfies readonly OrderStatusRow[];

/** The names of the gateway's codes, for code that must not contain bare numbers. */
export type OrderStatusName = (typeof orderStatuses)[number]['name'];

/** One row of the table of protocol §7. */
export type OrderStatus = OrderStatusRow & { readonly name: OrderStatusName };

const byCode: ReadonlyMap<string, OrderStatus> = new Map(
  orderStatuses.map((row) => [String(row.code), row]),
);

/** Returns the row of a code, or undefined for one that is not in the table. */
export function findOrderStatus(code: string | number): OrderStatus | undefined {
  return byCode.get(String(code));
}

/**
 * Returns the name of a code from the wire; undefined for every code and every spelling that is not
 * in the table.
 */
export function orderStatusName(code: string | number): OrderStatusName | undefined {
  return findOrderStatus(code)?.name;
}
