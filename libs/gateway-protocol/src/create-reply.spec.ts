// Every reply of protocol §3, and the shapes between them. The bodies are the gateway's, spelling
// included.
import fc from 'fast-check';
import { decodeCreateReply, type CreateReply } from './create-reply.js';
import { errorNumbers } from './error-numbers.js';
import { orderStatuses } from './order-status.js';

function decode(httpStatus: number, body: unknown): CreateReply {
  return decodeCreateReply({ httpStatus, body: JSON.stringify(body) });
}

const success = {
  authstatus: 'http://localhost:9003/api/authurl/s2s/100135250426141606',
  bill_currency: 'EUR',
  transID: '100135250426141606',
  mop: 'Mastercard',
  ccno: '543889XXXXXX0229',
  reference: '22DEVJAVA250415',
  authurl: 'http://localhost:9003/api/authurl/100135250426141606',
  order_status: '0',
  tdate: '2025-04-26 14:16:06.000657',
  response: 'Payment is pending',
  authdata: 'eyJ0cmFuc0lEIjoxMDAxMzUy',
  bill_amt: '120.0',
  status: 'Pending',
  rrn: null,
  upa: 'null',
};

describe('a create reply with HTTP 200', () => {
  it('is a transaction, as in the reference page', () => {
    expect(decode(200, success)).toEqual({
      kind: 'transaction',
      transaction: {
        transId: '100135250426141606',
        orderStatus: '0',
        amount: { digits: 120n, scale: 0 },
        currency: 'EUR',
        reference: '22DEVJAVA250415',
        response: 'Payment is pending',
        statusText: 'Pending',
        authUrl: 'http://localhost:9003/api/authurl/100135250426141606',
        mop: 'Mastercard',
        maskedCard: '543889XXXXXX0229',
        tdate: '2025-04-26 14:16:06.000657',
        unreadable: [],
      },
    });
  });

  it.each(orderStatuses)('is a transaction with code $code, as text or number', ({ code }) => {
    for (const order_status of [code, String(code)]) {
      expect(decode(200, { ...success, order_status })).toMatchObject({
        kind: 'transaction',
        transaction: { orderStatus: String(code) },
      });
    }
  });

  it('reads a transID in a bare number exactly', () => {
    const body = '{"transID":100135250426141607,"order_status":1}';
    expect(decodeCreateReply({ httpStatus: 200, body })).toEqual({
      kind: 'transaction',
      transaction: { transId: '100135250426141607', orderStatus: '1', unreadable: [] },
    });
  });

  it('is a transaction although authdata is an object and other fields are new', () => {
    const body = { ...success, authdata: { payaddress: 'x' }, payamt: 1.5, something_new: [1] };
    expect(decode(200, body)).toEqual(decode(200, success));
  });

  it.each<[string, unknown]>([
    ['no transID', { ...success, transID: undefined }],
    ['no order_status', { ...success, order_status: undefined }],
    ['a transID that is not a number', { ...success, transID: 'abc' }],
    ['an order_status that is not a number', { ...success, order_status: 'Approved' }],
    ['no fields', {}],
    ['an error inside', { error_number: '1111', error_message: 'x', status: 'Error' }],
  ])('is unreadable with %s', (_what, body) => {
    expect(decode(200, body)).toEqual({ kind: 'unreadable', reason: 'noTransaction' });
  });
});

describe('a structured error', () => {
  it.each(errorNumbers)('is recognized by its number $number', ({ number }) => {
    const body = { error_number: number, error_message: 'Some reason', status: 'Error' };
    const error = { kind: 'error', errorNumber: number, message: 'Some reason' };
    expect(decode(400, body)).toEqual(error);
  });

  it('is recognized by a bare or unknown number too', () => {
    expect(decode(400, { error_number: 5999, error_message: 'New' })).toMatchObject({
      kind: 'error',
      errorNumber: '5999',
    });
  });

  it('does not repeat a card number from its message', () => {
    const error_message = 'Internal Server Error: For input string: "4111111111111111"';
    expect(decode(400, { error_number: '500', error_message })).toMatchObject({
      message: 'Internal Server Error: For input string: "[digits]"',
    });
  });

  it.each(['', 'abc', '12345678', '-1'])(
    'without a number, as %j, is no structured error',
    (number) => {
      expect(decode(400, { error_number: number, status: 'Error' })).toMatchObject({
        kind: 'unreadable',
      });
    },
  );
});

describe('an unstructured error', () => {
  const blocked =
    '{"status":"error","transID":100135250426141607,"message":"Transaction is Blocked"';

  it('reads the transID of a blocked payment exactly', () => {
    const body = `${blocked},"blacklist_message":"12_bill_email equals x"}`;
    expect(decodeCreateReply({ httpStatus: 403, body })).toEqual({
      kind: 'blocked',
      transId: '100135250426141607',
      message: 'Transaction is Blocked',
    });
  });

  it.each<[number, unknown, CreateReply]>([
    [404, { error: 'Terminal not found' }, { kind: 'terminalNotFound' }],
    [404, { error: 'Connector not found' }, { kind: 'connectorNotFound', stored: false }],
    [
      404,
      { status: 'error', message: 'Connector not found: 27', error: 'x' },
      { kind: 'connectorNotFound', stored: true },
    ],
    [
      404,
      { status: 'error', message: 'Connector not found: 27', error: 'Connector not found' },
      { kind: 'connectorNotFound', stored: true },
    ],
    [400, { error: 'Invalid connector_id format' }, { kind: 'invalidConnector' }],
    [
      500,
      { status: 'error', message: 'Error Invalid public_key format', error: 'x' },
      { kind: 'serverError', message: 'Error Invalid public_key format' },
    ],
    [
      500,
      { status: 'error', message: 'Error processing connector', error: 'x' },
      { kind: 'serverError', message: 'Error processing connector' },
    ],
    [
      400,
      { error: 'Error in conversion result: none' },
      { kind: 'unlistedError', httpStatus: 400, message: 'Error in conversion result: none' },
    ],
    [
      400,
      { error: 'Error parsing blacklist: x' },
      { kind: 'unlistedError', httpStatus: 400, message: 'Error parsing blacklist: x' },
    ],
    [
      404,
      { error: 'Something not found' },
      { kind: 'unlistedError', httpStatus: 404, message: 'Something not found' },
    ],
    [
      404,
      { error: 'Terminal not found', path: '/api/s2s' },
      { kind: 'unlistedError', httpStatus: 404, message: 'Terminal not found' },
    ],
    [
      403,
      { status: 'error', message: 'Forbidden' },
      { kind: 'unlistedError', httpStatus: 403, message: 'Forbidden' },
    ],
  ])('is recognized with HTTP %i: %j', (httpStatus, body, reply) => {
    expect(decode(httpStatus, body)).toEqual(reply);
  });
});

describe('anything else', () => {
  it.each<[string, number, string, string]>([
    ['an empty body', 200, '', 'notJson'],
    ['a page', 502, '<html>Bad Gateway</html>', 'notJson'],
    ['text', 400, 'Invalid number format in request', 'notJson'],
    ['a list', 200, '[{"transID":"1","order_status":"1"}]', 'notAnObject'],
    ['a text in JSON', 200, '"ok"', 'notAnObject'],
    ['another success', 201, JSON.stringify(success), 'unexpectedHttpStatus'],
    ['a redirect', 302, JSON.stringify(success), 'unexpectedHttpStatus'],
    ['a rate limit', 429, '{"error":"Too many requests"}', 'unexpectedHttpStatus'],
    ['a failed authentication', 401, '{"error":"Unauthorized"}', 'unexpectedHttpStatus'],
    ['a transaction in an error', 500, JSON.stringify(success), 'unexpectedHttpStatus'],
    ['another server error', 503, '{"error":"Service Unavailable"}', 'unexpectedHttpStatus'],
    ['a refusal without a message', 400, '{}', 'unexpectedBody'],
    ['a block without a message', 403, '{}', 'unexpectedBody'],
    ['an absence without a message', 404, '{}', 'unexpectedBody'],
  ])('is unreadable: %s', (_what, httpStatus, body, reason) => {
    expect(decodeCreateReply({ httpStatus, body })).toEqual({ kind: 'unreadable', reason });
  });

  it('is never a transaction when the body is cut', () => {
    const body = JSON.stringify(success);
    for (let length = 0; length < body.length; length += 1) {
      const reply = decodeCreateReply({ httpStatus: 200, body: body.slice(0, length) });
      expect(reply).toEqual({ kind: 'unreadable', reason: 'notJson' });
    }
  });

  it('never throws', () => {
    const body = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, (httpStatus, text) => {
        expect(decodeCreateReply({ httpStatus, body: text })).toHaveProperty('kind');
      }),
    );
  });
});
