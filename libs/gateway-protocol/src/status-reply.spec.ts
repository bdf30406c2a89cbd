// Status replies of protocol §5: an absence is believed only in the gateway's documented form.
import fc from 'fast-check';
import { decodeStatusReply, statusPath, updatingStatusPath } from './status-reply.js';

const transaction = {
  transID: '100135250426141606',
  order_status: '8',
  status: 'Request Processed',
  bill_amt: '11.1',
  bill_currency: 'EUR',
  reference: 'ORD-1',
  descriptor: null,
  connector_status_code: '00',
  integration_type: 's2s',
};

describe('status paths', () => {
  it('contain the transID', () => {
    expect(statusPath('100135250426141606')).toBe('/api/authurl/s2s/100135250426141606');
    expect(updatingStatusPath('1')).toBe('/api/status/s2s/transid/1');
  });

  it('cannot be redirected by an id', () => {
    expect(statusPath('../../transactions?x')).toBe('/api/authurl/s2s/..%2F..%2Ftransactions%3Fx');
  });
});

describe('decodeStatusReply', () => {
  it('reads a transaction', () => {
    const body = JSON.stringify(transaction);
    expect(decodeStatusReply({ httpStatus: 200, body })).toEqual({
      kind: 'transaction',
      transaction: {
        transId: '100135250426141606',
        orderStatus: '8',
        statusText: 'Request Processed',
        amount: { digits: 111n, scale: 1 },
        currency: 'EUR',
        reference: 'ORD-1',
        connectorStatusCode: '00',
        unreadable: [],
      },
    });
  });

  it.each([
    [200, '{}'],
    [200, ' {\n} '],
    [404, '{"error":"Transaction not found"}'],
    [404, '{"error":"S2S status response not found"}'],
    [404, '{"error":"S2S status response not found","transID":"1"}'],
  ])('with HTTP %i, reads %s as an absence', (httpStatus, body) => {
    expect(decodeStatusReply({ httpStatus, body })).toEqual({ kind: 'notFound' });
  });

  const invalid = 'Invalid transID format: ORD-1';
  const refusal = `{"error_number":"400","error_message":"${invalid}","status":"Error"}`;

  it.each([200, 404])('never reads a refused look-up as an absence, with HTTP %i', (httpStatus) => {
    expect(decodeStatusReply({ httpStatus, body: refusal })).toEqual({
      kind: 'error',
      httpStatus,
      errorNumber: '400',
      message: invalid,
    });
  });

  it('reads an internal error', () => {
    const body = '{"error":"Internal server error in status","message":"null"}';
    expect(decodeStatusReply({ httpStatus: 500, body })).toEqual({
      kind: 'error',
      httpStatus: 500,
      message: 'Internal server error in status',
    });
  });

  it.each<[string, number, string, string]>([
    ['an empty absence', 404, '', 'notJson'],
    ['an absence without a message', 404, '{}', 'unexpectedHttpStatus'],
    ['an absence in other words', 404, '{"error":"Not Found"}', 'unexpectedHttpStatus'],
    ['a page', 200, '<html></html>', 'notJson'],
    ['a list', 200, '[]', 'notAnObject'],
    ['fields without a transaction', 200, '{"status":"Pending"}', 'noTransaction'],
    ['fields that are all null', 200, '{"transID":null}', 'noTransaction'],
    ['a redirect', 307, JSON.stringify(transaction), 'unexpectedHttpStatus'],
    ['a server error without a message', 500, '{}', 'unexpectedHttpStatus'],
  ])('cannot read %s', (_what, httpStatus, body, reason) => {
    expect(decodeStatusReply({ httpStatus, body })).toEqual({ kind: 'unreadable', reason });
  });

  it('never accepts a cut body', () => {
    const body = JSON.stringify(transaction);
    for (let length = 0; length < body.length; length += 1) {
      const reply = decodeStatusReply({ httpStatus: 200, body: body.slice(0, length) });
      expect(reply).toEqual({ kind: 'unreadable', reason: 'notJson' });
    }
  });

  it('never throws', () => {
    const body = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, (httpStatus, text) => {
        expect(decodeStatusReply({ httpStatus, body: text })).toHaveProperty('kind');
      }),
    );
  });
});
