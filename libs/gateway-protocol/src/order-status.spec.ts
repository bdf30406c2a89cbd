// The table is the specification: every row of protocol §7 is repeated here by hand.
import { findOrderStatus, orderStatuses, orderStatusName } from './order-status.js';

const expected: readonly [code: number, name: string, service: string, engine: string][] = [
  [0, 'pending', 'Pending', 'Pending'],
  [1, 'approved', 'Approved', 'Approved'],
  [2, 'declined', 'Declined', 'Declined'],
  [3, 'refunded', 'Refunded', 'Refunded'],
  [5, 'chargeback', 'Chargeback', 'Chargeback'],
  [7, 'reversed', 'Reversed', 'Reversed'],
  [8, 'refundPending', 'Refund Pending', 'Refund Pending'],
  [9, 'test', 'Test', 'Test'],
  [10, 'blocked', 'Blocked', 'Scrubbed'],
  [11, 'predispute', 'Predispute', 'Predispute'],
  [12, 'partialRefund', 'Partial Refund', 'Partial Refund'],
  [13, 'withdrawRequested', 'Withdraw Requested', 'Withdraw Requested'],
  [14, 'withdrawRolling', 'Withdraw Rolling', 'Withdraw Rolling'],
  [20, 'frozenBalance', 'Frozen Balance', 'Frozen Balance'],
  [21, 'frozenRolling', 'Frozen Rolling', 'Frozen Rolling'],
  [22, 'expired', 'Expired', 'Expired'],
  [23, 'cancelled', 'Cancelled', 'Cancelled'],
  [24, 'failed', 'Failed', 'Failed'],
  [25, 'testApproved', 'Test Approved', 'Pending'],
  [26, 'testDeclined', 'Test Declined', 'Pending'],
  [27, 'test3ds', 'Test 3DS Authentication', 'Pending'],
  [28, 'blockedRegulatory', 'Blocked - Regulatory Violation', 'Pending'],
];

describe('order_status', () => {
  it('has no row beyond the table of the protocol', () => {
    expect(orderStatuses.map(({ code }) => code)).toEqual(expected.map(([code]) => code));
  });

  it.each(expected)('reads code %i as %s, as number and as text', (code, name) => {
    expect(orderStatusName(code)).toBe(name);
    expect(orderStatusName(String(code))).toBe(name);
  });

  it.each(expected)('has the texts of code %i, %s', (code, _name, serviceText, engineText) => {
    expect(findOrderStatus(code)).toMatchObject({ serviceText, engineText });
  });

  it('reads Pending for 28 in the older generation and Request Processed for 8 in a look-up', () => {
    expect(findOrderStatus(28)?.olderServiceText).toBe('Pending');
    expect(findOrderStatus(8)?.lookUpText).toBe('Request Processed');
  });

  it.each([4, 6, 15, 19, 29, 99, -1, 0.5, Number.NaN])('does not guess %d', (code) => {
    expect(orderStatusName(code)).toBeUndefined();
  });

  it.each(['', ' 1', '1 ', '01', '+1', '1.0', '1e0', 'Approved', 'constructor', '０'])(
    'does not guess the spelling %j',
    (code) => {
      expect(orderStatusName(code)).toBeUndefined();
    },
  );
});
