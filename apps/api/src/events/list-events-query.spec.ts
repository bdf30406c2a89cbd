import fc from 'fast-check';
import { eventRefundStatuses, eventStatuses } from '@quittance/events';
import { cursorOf, LIST_START, listEventsQuery, positionAt } from './list-events-query.js';

const position = fc.record({
  tx: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  subject: fc.stringMatching(/^(pi|re)_[0-9a-z]{26}$/),
  sequence: fc.integer({ min: 1, max: 999_999_999 }),
});

describe('the cursor of the event list', () => {
  it('decodes to its position', () => {
    fc.assert(fc.property(position, (at) => expect(positionAt(cursorOf(at))).toEqual(at)));
    expect(positionAt(cursorOf(LIST_START))).toEqual(LIST_START);
  });

  it.each([
    '',
    'x',
    'MS4x',
    cursorOf(LIST_START).slice(0, -2),
    Buffer.from('1.pi_x.1').toString('base64url'),
  ])('rejects %p', (text) => expect(positionAt(text)).toBeUndefined());
});

describe('the types of the event list', () => {
  it.each([
    ['payment.succeeded.v1', ['succeeded'], []],
    ['payment.*', eventStatuses, []],
    ['refund.*', [], eventRefundStatuses],
    ['*', eventStatuses, eventRefundStatuses],
    ['*.failed.v1', ['failed'], ['failed']],
    ['refund.failed.v1, payment.expired.v1', ['expired'], ['failed']],
  ])('named by %s', (type, payments, refunds) => {
    expect(listEventsQuery.parse({ type }).type).toEqual({ payments, refunds });
  });

  it.each([
    '',
    'succeeded',
    'payment.succeeded',
    'payment.succeeded.v2',
    'payment.*,',
    'payment.*,refund.settled.v1',
    'payment.(succeeded|failed).v1',
    `${'*a'.repeat(20)}*`,
    'payment.*,'.repeat(200),
  ])('cannot be named by %j', (type) => {
    expect(listEventsQuery.safeParse({ type }).success).toBe(false);
  });
});
