import { engineText, lookUpText, serviceText } from './status-texts.js';

describe('the texts of an order status', () => {
  // code, engine (create reply), service (updates, webhooks), read-only look-up
  it.each([
    [0, 'Pending', 'Pending', 'Pending'],
    [1, 'Approved', 'Approved', 'Approved'],
    [2, 'Declined', 'Declined', 'Declined'],
    [3, 'Refunded', 'Refunded', 'Refunded'],
    [5, 'Chargeback', 'Chargeback', 'Chargeback'],
    [7, 'Reversed', 'Reversed', 'Reversed'],
    [8, 'Refund Pending', 'Refund Pending', 'Request Processed'],
    [9, 'Test', 'Test', 'Test'],
    [10, 'Scrubbed', 'Blocked', 'Blocked'],
    [11, 'Predispute', 'Predispute', 'Predispute'],
    [12, 'Partial Refund', 'Partial Refund', 'Partial Refund'],
    [13, 'Withdraw Requested', 'Withdraw Requested', 'Withdraw Requested'],
    [14, 'Withdraw Rolling', 'Withdraw Rolling', 'Withdraw Rolling'],
    [20, 'Frozen Balance', 'Frozen Balance', 'Frozen Balance'],
    [21, 'Frozen Rolling', 'Frozen Rolling', 'Frozen Rolling'],
    [22, 'Expired', 'Expired', 'Expired'],
    [23, 'Cancelled', 'Cancelled', 'Cancelled'],
    [24, 'Failed', 'Failed', 'Failed'],
    [25, 'Pending', 'Test Approved', 'Test Approved'],
    [26, 'Pending', 'Test Declined', 'Test Declined'],
    [27, 'Pending', 'Test 3DS Authentication', 'Test 3DS Authentication'],
    [28, 'Pending', 'Blocked - Regulatory Violation', 'Blocked - Regulatory Violation'],
    [4, 'Pending', 'Pending', 'Pending'],
    [99, 'Pending', 'Pending', 'Pending'],
  ])('of %d are %s, %s and %s', (code, engine, service, lookUp) => {
    expect(engineText(code)).toBe(engine);
    expect(serviceText(code, true)).toBe(service);
    expect(lookUpText(code, true)).toBe(lookUp);
  });

  it('do not know code 28 without regulatory rules', () => {
    expect(serviceText(28, false)).toBe('Pending');
  });
});
