// The refund call of protocol §8, in the order of its checks.
import fc from 'fast-check';
import { orderStatuses } from './order-status.js';
import { decodeRefundReply, encodeRefund, type RefundReply } from './refund.js';

const stored = {
  transID: '100135250426141606',
  bill_amt: '125.75',
  response: 'Payment successful',
};

function decode(fields: Record<string, unknown>): RefundReply {
  return decodeRefundReply({ httpStatus: 200, body: JSON.stringify({ ...stored, ...fields }) });
}

describe('encodeRefund', () => {
  const refund = {
    transId: '100135250426141606',
    amount: { minor: 500n, exponent: 2 },
    publicKey: 'pk=',
  };

  it('writes a JSON POST with an exact transID and two decimals', () => {
    const { path, contentType, body } = encodeRefund({ ...refund, reason: 'Damaged' });
    expect(path).toBe('/api/transactions/refund-request');
    expect(contentType).toMatch(/^application\/json/);
    expect(JSON.parse(body)).toEqual({
      transID: '100135250426141606',
      refundAmount: '5.00',
      refundReason: 'Damaged',
      public_key: 'pk=',
    });
  });

  it('omits an absent reason', () => {
    expect(JSON.parse(encodeRefund(refund).body)).not.toHaveProperty('refundReason');
  });

  it('rejects an amount that is not positive', () => {
    expect(() => encodeRefund({ ...refund, amount: { minor: 0n, exponent: 2 } })).toThrow(
      RangeError,
    );
  });
});

describe('a refund reply with HTTP 200', () => {
  const already = 'Transaction is already in Refund Request Processed';
  const unauthorised = 'Refund is not authorised because this is not a successful transaction';

  it.each<[string, Record<string, unknown>, RefundReply['kind']]>([
    ['code 8 without a message', { order_status: '8' }, 'accepted'],
    ['code 8 as a number', { order_status: 8, bill_amt: 125.75 }, 'accepted'],
    ['code 8 and its text', { order_status: '8', message: 'Request Processed' }, 'accepted'],
    ['code 8 and another message', { order_status: '8', message: already }, 'alreadyRequested'],
    ['code 7 and a message', { order_status: '7', message: already }, 'alreadyRequested'],
    ['code 7 without a message', { order_status: '7' }, 'unreadable'],
    ['code 1 without a message', { order_status: '1' }, 'unreadable'],
    ['code 1 and a message', { order_status: '1', message: unauthorised }, 'unreadable'],
    ['an unknown code', { order_status: '99', message: unauthorised }, 'unreadable'],
    [
      'a message for acceptance of code 2',
      { order_status: '2', message: 'Request Processed' },
      'unreadable',
    ],
    ['no code', { message: 'Request Processed' }, 'unreadable'],
  ])('and %s is recognized', (_what, fields, kind) => {
    expect(decode(fields).kind).toBe(kind);
  });

  it.each(orderStatuses.filter(({ code }) => ![1, 7, 8].includes(code)))(
    'and a refusal for code $code means that the payment never was successful',
    ({ code }) => {
      expect(decode({ order_status: String(code), message: unauthorised })).toMatchObject({
        kind: 'notSuccessful',
        transaction: { orderStatus: String(code) },
      });
    },
  );

  it('holds the transaction', () => {
    expect(decode({ order_status: '8' })).toEqual({
      kind: 'accepted',
      transaction: {
        transId: '100135250426141606',
        orderStatus: '8',
        amount: { digits: 12_575n, scale: 2 },
        response: 'Payment successful',
        unreadable: [],
      },
    });
  });
});

describe('a refund reply of another kind', () => {
  it.each<[string, number, string, RefundReply]>([
    ['an unknown transaction', 404, '', { kind: 'notFound' }],
    [
      'an invalid number',
      400,
      'Invalid number format in request',
      { kind: 'rejected', message: 'Invalid number format in request' },
    ],
    [
      'no transID',
      500,
      'transID is required',
      { kind: 'serverError', message: 'transID is required' },
    ],
    ['a page', 502, '<html>', { kind: 'serverError', message: '' }],
    [
      'a page for an absence',
      404,
      '<html>',
      { kind: 'unreadable', reason: 'unexpectedHttpStatus' },
    ],
    ['a page for a refusal', 400, '<html>', { kind: 'unreadable', reason: 'unexpectedBody' }],
    ['JSON for a refusal', 400, '{"error":"x"}', { kind: 'unreadable', reason: 'unexpectedBody' }],
    ['an empty refusal', 400, '', { kind: 'unreadable', reason: 'unexpectedBody' }],
    ['an empty body', 200, '', { kind: 'unreadable', reason: 'notJson' }],
    ['a body of text', 200, 'OK', { kind: 'unreadable', reason: 'notJson' }],
    ['nothing found', 200, '{}', { kind: 'unreadable', reason: 'noTransaction' }],
    ['a redirect', 302, '', { kind: 'unreadable', reason: 'unexpectedHttpStatus' }],
  ])('is read: %s', (_what, httpStatus, body, reply) => {
    expect(decodeRefundReply({ httpStatus, body })).toEqual(reply);
  });

  it('never makes decoding throw', () => {
    const body = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, (httpStatus, text) => {
        expect(decodeRefundReply({ httpStatus, body: text })).toHaveProperty('kind');
      }),
    );
  });
});
