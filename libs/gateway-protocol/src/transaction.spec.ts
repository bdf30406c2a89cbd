// The fields that are read from a transaction.
import type { WireFields } from './wire-fields.js';
import { givenFields } from './wire-fields.js';
import { readTransaction } from './transaction.js';

const least = { transID: '100135250426141606', order_status: '0' };

function fieldsOf(fields: Record<string, string | null>): WireFields {
  return givenFields(Object.entries(fields));
}

describe('readTransaction', () => {
  it('reads the smallest transaction', () => {
    expect(readTransaction(fieldsOf(least))).toEqual({
      transId: '100135250426141606',
      orderStatus: '0',
      unreadable: [],
    });
  });

  it.each([
    ['currency', 'bill_currency', 'EUR'],
    ['reference', 'reference', '22DEVJAVA250415'],
    ['response', 'response', 'Payment is pending'],
    ['statusText', 'status', 'Pending'],
    ['authUrl', 'authurl', 'http://localhost:9003/api/authurl/100135250426141606'],
    ['mop', 'mop', 'Visa'],
    ['maskedCard', 'ccno', '411111XXXXXX1111'],
    ['descriptor', 'descriptor', 'SHOP'],
    ['rrn', 'rrn', '510112345678'],
    ['upa', 'upa', 'someone@bank'],
    ['tdate', 'tdate', '2025-04-26 14:16:06.000657'],
    ['connectorStatusCode', 'connector_status_code', '00'],
    ['webhookNotifyTime', 'webhook_notify_time', '2025-05-09 17:37:45.000522'],
  ])('reads %s from %s', (name, wireName, text) => {
    expect(readTransaction(fieldsOf({ ...least, [wireName]: text }))).toHaveProperty(name, text);
  });

  it.each([
    ['bill_currency', 'currency'],
    ['reference', 'reference'],
  ])('rejects a %s that cleaning would change', (wireName, name) => {
    for (const text of ['\0EUR', 'EUR\u202E', '\uD83CEUR', `EUR${' '.repeat(500)}x`])
      expect(readTransaction(fieldsOf({ ...least, [wireName]: text }))).not.toHaveProperty(name);
  });

  it.each(['bill_currency', 'reference', 'response', 'authurl', 'ccno', 'upa', 'bill_amt'])(
    'reads nothing from %s when it is null, "null" or empty',
    (wireName) => {
      for (const nothing of [null, 'null', '']) {
        const transaction = readTransaction(fieldsOf({ ...least, [wireName]: nothing }));
        expect(transaction).toEqual(readTransaction(fieldsOf(least)));
      }
    },
  );

  it.each([
    ['120.0', { digits: 120n, scale: 0 }],
    ['1.0E7', { digits: 10_000_000n, scale: 0 }],
    ['NaN', undefined],
  ])('reads the amount %s', (text, amount) => {
    expect(readTransaction(fieldsOf({ ...least, bill_amt: text }))?.amount).toEqual(amount);
  });

  it.each([
    ['a full card number', 'ccno', '4111111111111111', 'card'],
    ['a URL that is not http', 'authurl', 'javascript:alert(1)', 'authurl'],
  ])('drops %s and reports it as unreadable', (_what, wireName, text, field) => {
    const transaction = readTransaction(fieldsOf({ ...least, [wireName]: text }));
    expect(transaction).toEqual({ ...readTransaction(fieldsOf(least)), unreadable: [field] });
  });

  it('ignores unknown fields', () => {
    expect(
      readTransaction(fieldsOf({ ...least, private_key: 'x', authdata: 'y', z: '1' })),
    ).toEqual(readTransaction(fieldsOf(least)));
  });

  it.each(['', 'abc', '1.0E17', '-1', ' 1', '12345678901234567890'])(
    'finds no transaction with transID %j',
    (transID) => {
      expect(readTransaction(fieldsOf({ ...least, transID }))).toBeUndefined();
    },
  );

  it.each(['', 'Approved', '1.0', ' 1', '1e0', '1234567890'])(
    'finds no transaction with order_status %j',
    (order_status) => {
      expect(readTransaction(fieldsOf({ ...least, order_status }))).toBeUndefined();
    },
  );

  it.each(['99', '-1', '4'])('reads the unknown order_status %s', (order_status) => {
    expect(readTransaction(fieldsOf({ ...least, order_status }))?.orderStatus).toBe(order_status);
  });
});
