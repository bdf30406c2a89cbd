// Defines the gateway's three texts for each code (protocol §7): the engine's in create replies,
// the service's in status replies and webhooks, and another one for a pending refund.

const serviceTexts: Readonly<Record<number, string>> = {
  0: 'Pending',
  1: 'Approved',
  2: 'Declined',
  3: 'Refunded',
  5: 'Chargeback',
  7: 'Reversed',
  8: 'Refund Pending',
  9: 'Test',
  10: 'Blocked',
  11: 'Predispute',
  12: 'Partial Refund',
  13: 'Withdraw Requested',
  14: 'Withdraw Rolling',
  20: 'Frozen Balance',
  21: 'Frozen Rolling',
  22: 'Expired',
  23: 'Cancelled',
  24: 'Failed',
  25: 'Test Approved',
  26: 'Test Declined',
  27: 'Test 3DS Authentication',
};

const UNKNOWN_TEXT = 'Pending';

/**
 * Returns the text of status replies and webhooks. Code 28 exists only together with regulatory
 * rules.
 */
export function serviceText(orderStatus: number, hasRules: boolean): string {
  if (orderStatus === 28 && hasRules) return 'Blocked - Regulatory Violation';
  return serviceTexts[orderStatus] ?? UNKNOWN_TEXT;
}

/**
 * Returns the text of the read-only look-up and of refund replies: a pending refund reads "Request
 * Processed" (§5.1).
 */
export function lookUpText(orderStatus: number, hasRules: boolean): string {
  return orderStatus === 8 ? 'Request Processed' : serviceText(orderStatus, hasRules);
}

/**
 * Returns the text of create replies. The engine's table lacks codes 25 to 28, and says Scrubbed
 * for Blocked.
 */
export function engineText(orderStatus: number): string {
  if (orderStatus >= 25) return UNKNOWN_TEXT;
  return orderStatus === 10 ? 'Scrubbed' : serviceText(orderStatus, false);
}
