import fc from 'fast-check';
import { eventRefundStatuses, eventStatuses } from '@quittance/events';
import { cursorIn, cursorOf, LIST_START, listEventsQuery } from './list-events-query.js';

const cursor = fc.record({
  tx: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  subject: fc.stringMatching(/^(pi|re)_[0-9a-z]{26}$/),
  sequence: fc.integer({ min: 1, max: 999_999_999 }),
  endings: fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }).map(String),
});

describe('the cursor of the event list', () => {
  it('decodes to its parts', () => {
    fc.assert(fc.property(cursor, (at) => expect(cursorIn(cursorOf(at))).toEqual(at)));
    expect(cursorIn(cursorOf(LIST_START))).toEqual({ ...LIST_START, endings: '0' });
  });

  it.each([
    '',
    'x',
    'MS4x',
    cursorOf(LIST_START).slice(0, -2),
    ...['1.pi_x.1', '1..0.', '1..0.0', '1..0.x', '1..0.1.1'].map((text) =>
      Buffer.from(text).toString('base64url'),
    ),
  ])('rejects %p', (text) => expect(cursorIn(text)).toBeUndefined());
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
