// Callbacks of protocol §6 in every form, and never with a key in the result.
import { inspect } from 'node:util';
import { encryptAes256 } from './aes256.js';
import { decodeCallback, type DecodedCallback } from './callback.js';
import { encodeQueryString } from './query-string.js';
import {
  envelope,
  form,
  json,
  known,
  keys,
  rawQuery,
  transaction,
  wire,
} from '../test/callback-sample.js';

describe('a plain callback', () => {
  const expected: DecodedCallback = {
    kind: 'callback',
    encrypted: false,
    transaction,
    fields: known,
  };

  it.each<[string, string | undefined, string]>([
    ['JSON', json, JSON.stringify(wire)],
    ['JSON without a content type', undefined, JSON.stringify(wire)],
    ['JSON of a JSON-like type', 'application/problem+json', ` ${JSON.stringify(wire)}`],
    ['a form', form, encodeQueryString(Object.entries(known))],
    ['a form without a content type', undefined, encodeQueryString(Object.entries(known))],
    ['a form that spells null', form, `${encodeQueryString(Object.entries(known))}&upa=null&rrn=`],
    ['JSON after a mark', json, `\uFEFF${JSON.stringify(wire)}`],
    ['JSON after a mark without a type', undefined, `\r\n\uFEFF${JSON.stringify(wire)}\r\n`],
    ['a form after a mark', form, `\uFEFF${encodeQueryString(Object.entries(known))}\r\n`],
    [
      'a form after a mark without a type',
      undefined,
      `\uFEFF${encodeQueryString(Object.entries(known))}`,
    ],
  ])('is read as %s', (_what, contentType, body) => {
    expect(decodeCallback(contentType, body, undefined)).toEqual(expected);
  });

  it('is read, and marked as plain, although encryption was requested', () => {
    expect(decodeCallback(json, JSON.stringify(wire), keys)).toEqual(expected);
  });

  it('reads a bare number exactly', () => {
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
    fields: known,
  };

  it.each([
    ['JSON', JSON.stringify(wire)],
    ['JSON after blanks', `\n ${JSON.stringify(wire)}`],
    ['JSON after a mark', `\uFEFF${JSON.stringify(wire)}`],
    ['JSON after two marks and a line', `\uFEFF\n\uFEFF${JSON.stringify(wire)}\n`],
    ['a query string after a mark', `\uFEFF${rawQuery}\r\n`],
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

  it('is decrypted with our keys, not with those in the envelope', () => {
    const body = JSON.stringify({
      private_key: 'another-key',
      data: encryptAes256(rawQuery, { ...keys, privateKey: 'another-key' }),
    });
    expect(decodeCallback(json, body, keys)).toEqual({
      kind: 'unreadable',
      reason: 'undecryptable',
    });
  });

  it('is unreadable without keys', () => {
    expect(decodeCallback(json, envelope(rawQuery), undefined)).toEqual({
      kind: 'unreadable',
      reason: 'keysMissing',
    });
  });
});

describe('fields of a callback', () => {
  const others = { authdata: 'eyJ4Ijox', ccvv: '987', anything_new: 'x' };
  const secrets = { private_key: keys.privateKey, public_key: keys.publicKey, ...others };

  it.each<[string, string]>([
    ['a plain body', JSON.stringify({ ...wire, ...others })],
    ['an envelope', envelope(JSON.stringify({ ...wire, ...secrets }))],
    ['a query string', envelope(`${rawQuery}&${encodeQueryString(Object.entries(secrets))}`)],
  ])('are only the known ones, in %s', (_what, body) => {
    const callback = decodeCallback(json, body, keys);
    expect(callback).toMatchObject({ kind: 'callback', transaction, fields: known });
    expect(Object.keys((callback as DecodedCallback).fields).toSorted()).toEqual(
      Object.keys(known).toSorted(),
    );
  });

  it.each(['4111111111111111', 'Invalid Card', '<script>'])(
    'exclude %s as a masked card',
    (ccno) => {
      const callback = decodeCallback(json, JSON.stringify({ ...wire, ccno }), undefined);
      expect(callback).toMatchObject({ kind: 'callback' });
      expect(callback).not.toHaveProperty('fields.ccno');
      expect(callback).not.toHaveProperty('transaction.maskedCard');
    },
  );

  it('exclude control characters and card numbers in a text', () => {
    const response = 'line\nbreak\0 4111 1111 1111 1111';
    expect(decodeCallback(json, JSON.stringify({ ...wire, response }), undefined)).toMatchObject({
      fields: { response: 'line break  [digits]' },
      transaction: { response: 'line break  [digits]' },
    });
  });
});

describe('a plain callback with a field of an envelope', () => {
  // The body is damaged, and one of its fields may be a part of the key of any terminal, which we
  // could not recognize.
  it.each(['private_key', 'public_key'])('is unreadable with a %s', (name) => {
    const body = JSON.stringify({ ...known, [name]: 'x' });
    expect(decodeCallback(json, body, keys)).toEqual({
      kind: 'unreadable',
      reason: 'noTransaction',
    });
  });
});

describe('a callback with an envelope spliced into a field', () => {
  it.each([
    ['a whole one', `x{"private_key":"${keys.privateKey}","public_key":"y"}`],
    ['the end of one, of another terminal', 'x","public_key":"y","data":"z"}'],
    ['the key alone', `x ${keys.privateKey} y`],
    ['the key without its end', keys.privateKey.slice(0, -9)],
    ['the key without its beginning', `${keys.privateKey.slice(9)} y`],
  ])('loses the field with %s', (_, response) => {
    const body = encodeQueryString(Object.entries({ ...known, response }));
    const { response: _left, ...others } = known;
    const decoded = decodeCallback(form, body, keys);
    expect(decoded).toMatchObject({ kind: 'callback' });
    expect('fields' in decoded && decoded.fields).toEqual(others);
    expect(inspect(decoded)).not.toMatch(/_key/);
    expect(inspect(decoded)).not.toContain(keys.privateKey);
  });
});
