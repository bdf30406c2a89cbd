// Callbacks of protocol §6 in every form, damaged in every place, and never with a key in what comes out.
import fc from 'fast-check';
import { encryptAes256 } from './aes256.js';
import { decodeCallback, type DecodedCallback } from './callback.js';
import { encodeQueryString } from './query-string.js';

const keys = {
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'a-private-key-nobody-may-see',
};
const json = 'application/json; charset=UTF-8';
const form = 'application/x-www-form-urlencoded';

const kept = {
  transID: '100203250509173720',
  order_status: '25',
  status: 'Test Approved',
  bill_amt: '130.0',
  bill_currency: 'EUR',
  reference: '22PostDEVJAVA250415',
  tdate: '2025-05-09 17:37:20.000657',
  response: '3DS test card approved',
  mop: 'Visa',
  ccno: '411111XXXXXX1111',
  connector_status_code: '00',
  webhook_notify_time: '2025-05-09 17:37:45.000522',
};
const wire = { ...kept, descriptor: null, upa: 'null', rrn: null };
const transaction = {
  transId: '100203250509173720',
  orderStatus: '25',
  amount: { digits: 130n, scale: 0 },
  currency: 'EUR',
  reference: '22PostDEVJAVA250415',
  response: '3DS test card approved',
  statusText: 'Test Approved',
  mop: 'Visa',
  maskedCard: '411111XXXXXX1111',
  tdate: '2025-05-09 17:37:20.000657',
  connectorStatusCode: '00',
  webhookNotifyTime: '2025-05-09 17:37:45.000522',
};

/** The envelope as the gateway sends it, private key and all. */
function envelope(payload: string): string {
  return JSON.stringify({
    private_key: keys.privateKey,
    public_key: keys.publicKey,
    data: encryptAes256(payload, keys),
  });
}

/** What the gateway's own query-string builder makes: joined, not encoded, null as text. */
const rawQuery = Object.entries(wire)
  .map(([name, value]) => `${name}=${value}`)
  .join('&');

describe('a plain callback', () => {
  const expected: DecodedCallback = {
    kind: 'callback',
    encrypted: false,
    transaction,
    fields: kept,
  };

  it.each<[string, string | undefined, string]>([
    ['JSON', json, JSON.stringify(wire)],
    ['JSON without a content type', undefined, JSON.stringify(wire)],
    ['JSON of a JSON-like type', 'application/problem+json', ` ${JSON.stringify(wire)}`],
    ['a form', form, encodeQueryString(Object.entries(kept))],
    ['a form without a content type', undefined, encodeQueryString(Object.entries(kept))],
    ['a form that spells null', form, `${encodeQueryString(Object.entries(kept))}&upa=null&rrn=`],
  ])('is read as %s', (_what, contentType, body) => {
    expect(decodeCallback(contentType, body, undefined)).toEqual(expected);
  });

  it('is read, and told as plain, where encryption was asked for', () => {
    expect(decodeCallback(json, JSON.stringify(wire), keys)).toEqual(expected);
  });

  it('keeps a bare number exact', () => {
    const body = '{"transID":100203250509173721,"order_status":1}';
    expect(decodeCallback(json, body, undefined)).toMatchObject({
      transaction: { transId: '100203250509173721', orderStatus: '1' },
      fields: { transID: '100203250509173721', order_status: '1' },
    });
  });
});

describe('an encrypted callback', () => {
  const expected: DecodedCallback = {
    kind: 'callback',
    encrypted: true,
    transaction,
    fields: kept,
  };

  it.each([
    ['JSON', JSON.stringify(wire)],
    ['JSON after blanks', `\n ${JSON.stringify(wire)}`],
    ['a query string', rawQuery],
    ['a query string with empty pieces', `&${rawQuery}&`],
    ['an encoded query string', rawQuery.replaceAll(' ', '%20')],
  ])('is read as %s', (_what, payload) => {
    expect(decodeCallback(json, envelope(payload), keys)).toEqual(expected);
  });

  it('is read when the envelope is a form', () => {
    const body = encodeQueryString([['data', encryptAes256(rawQuery, keys)]]);
    expect(decodeCallback(form, body, keys)).toEqual(expected);
  });

  it('is read with our keys, not with those in the envelope', () => {
    const body = JSON.stringify({
      private_key: 'somebody-else',
      data: encryptAes256(rawQuery, { ...keys, privateKey: 'somebody-else' }),
    });
    expect(decodeCallback(json, body, keys)).toEqual({
      kind: 'unreadable',
      reason: 'undecryptable',
    });
  });

  it('cannot be read without keys', () => {
    expect(decodeCallback(json, envelope(rawQuery), undefined)).toEqual({
      kind: 'unreadable',
      reason: 'keysMissing',
    });
  });
});

describe('what a callback may not bring in', () => {
  const secrets = {
    private_key: keys.privateKey,
    public_key: keys.publicKey,
    authdata: 'eyJ4Ijox',
    ccvv: '987',
    anything_new: 'x',
  };

  it.each<[string, string]>([
    ['a plain body', JSON.stringify({ ...wire, ...secrets })],
    ['an envelope', envelope(JSON.stringify({ ...wire, ...secrets }))],
    ['a query string', envelope(`${rawQuery}&${encodeQueryString(Object.entries(secrets))}`)],
  ])('is nothing beyond the known fields, in %s', (_what, body) => {
    const callback = decodeCallback(json, body, keys);
    expect(callback).toMatchObject({ kind: 'callback', transaction, fields: kept });
    expect(Object.keys((callback as DecodedCallback).fields).toSorted()).toEqual(
      Object.keys(kept).toSorted(),
    );
  });

  it.each(['4111111111111111', 'Invalid Card', '<script>'])('is %s as a masked card', (ccno) => {
    const callback = decodeCallback(json, JSON.stringify({ ...wire, ccno }), undefined);
    expect(callback).toMatchObject({ kind: 'callback' });
    expect(callback).not.toHaveProperty('fields.ccno');
    expect(callback).not.toHaveProperty('transaction.maskedCard');
  });

  it('is a control character or a card number in a text', () => {
    const response = 'line\nbreak\0 4111 1111 1111 1111';
    expect(decodeCallback(json, JSON.stringify({ ...wire, response }), undefined)).toMatchObject({
      fields: { response: 'line break  [digits]' },
      transaction: { response: 'line break  [digits]' },
    });
  });
});

describe('an unreadable callback', () => {
  it.each<[string, string | undefined, string, string]>([
    ['nothing', json, '', 'notJson'],
    ['nothing of no type', undefined, '', 'noTransaction'],
    ['a form called JSON', json, 'transID=1&order_status=1', 'notJson'],
    ['JSON called a form', form, JSON.stringify(wire), 'noTransaction'],
    ['a list', json, '[]', 'notAnObject'],
    ['no transaction', json, '{"hello":"world"}', 'noTransaction'],
    ['no order_status', json, '{"transID":"1"}', 'noTransaction'],
    ['a transID that is no number', json, '{"transID":"x","order_status":"1"}', 'noTransaction'],
    ['arbitrary data of a manual resend', json, '{"data":"hello"}', 'undecryptable'],
    ['an envelope of an object', json, '{"data":{"transID":"1"}}', 'noTransaction'],
    ['an encrypted text without a transaction', json, envelope('hello'), 'noTransaction'],
    ['encrypted JSON that is none', json, envelope('{"transID":'), 'notJson'],
    ['a body beyond any callback', json, `{"a":"${'x'.repeat(65_536)}"}`, 'tooLong'],
  ])('is told why: %s', (_what, contentType, body, reason) => {
    expect(decodeCallback(contentType, body, keys)).toEqual({ kind: 'unreadable', reason });
  });

  it('is what every cut of an envelope is', () => {
    const body = envelope(rawQuery);
    for (let length = 0; length < body.length; length += 1) {
      const callback = decodeCallback(json, body.slice(0, length), keys);
      expect(callback).toEqual({ kind: 'unreadable', reason: 'notJson' });
    }
  });

  it('is what every cut of the encrypted data is', () => {
    const data = encryptAes256(rawQuery, keys);
    for (let length = 1; length < data.length; length += 1) {
      const callback = decodeCallback(json, JSON.stringify({ data: data.slice(0, length) }), keys);
      expect(callback).toEqual({ kind: 'unreadable', reason: 'undecryptable' });
    }
  });
});

describe('a damaged callback', () => {
  it('is never the original, shows no key and throws nothing, whichever byte is flipped', () => {
    const bytes = Buffer.from(encryptAes256(JSON.stringify(wire), keys), 'base64url');
    const original = { kind: 'callback', encrypted: true, transaction, fields: kept };
    for (let index = 0; index < bytes.length; index += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(bytes.readUInt8(index) ^ 0x80, index);
      const data = flipped.toString('base64url');
      const callback = decodeCallback(json, JSON.stringify({ ...keys, data }), keys);
      expect(callback).not.toEqual(original);
      expect(Object.values(callback)).not.toContain(keys.privateKey);
    }
  });

  it('never makes decoding throw, whatever comes', () => {
    const contentType = fc.constantFrom(undefined, json, form, 'text/plain');
    const payload = fc.oneof(fc.string(), fc.json(), fc.string().map(envelope));
    fc.assert(
      fc.property(contentType, payload, (type, body) => {
        expect(decodeCallback(type, body, keys)).toHaveProperty('kind');
      }),
    );
  });
});
