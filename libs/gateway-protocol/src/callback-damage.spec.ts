// Callbacks damaged in every place: decoding returns a tagged value and never throws.
import { inspect } from 'node:util';
import fc from 'fast-check';
import { encryptAes256 } from './aes256.js';
import { decodeCallback } from './callback.js';
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

describe('an unreadable callback', () => {
  it.each<[string, string | undefined, string, string]>([
    ['nothing', json, '', 'notJson'],
    ['an empty body without a content type', undefined, '', 'noTransaction'],
    ['a form declared as JSON', json, 'transID=1&order_status=1', 'notJson'],
    ['JSON declared as a form', form, JSON.stringify(wire), 'noTransaction'],
    ['a list', json, '[]', 'notAnObject'],
    ['no transaction', json, '{"hello":"world"}', 'noTransaction'],
    ['no order_status', json, '{"transID":"1"}', 'noTransaction'],
    ['a transID that is not a number', json, '{"transID":"x","order_status":"1"}', 'noTransaction'],
    ['arbitrary data of a manual resend', json, '{"data":"hello"}', 'undecryptable'],
    ['an object in the envelope', json, '{"data":{"transID":"1"}}', 'undecryptable'],
    ['an encrypted text without a transaction', json, envelope('hello'), 'noTransaction'],
    ['encrypted text that is not JSON', json, envelope('{"transID":'), 'notJson'],
    ['a body longer than any callback', json, `{"a":"${'x'.repeat(65_536)}"}`, 'tooLong'],
  ])('has a reason: %s', (_what, contentType, body, reason) => {
    expect(decodeCallback(contentType, body, keys)).toEqual({ kind: 'unreadable', reason });
  });

  it('is the result of every cut of an envelope', () => {
    const body = envelope(rawQuery);
    for (let length = 0; length < body.length; length += 1) {
      const callback = decodeCallback(json, body.slice(0, length), keys);
      expect(callback).toEqual({ kind: 'unreadable', reason: 'notJson' });
    }
  });

  it('is the result of every cut of the encrypted data', () => {
    const data = encryptAes256(rawQuery, keys);
    for (let length = 1; length < data.length; length += 1) {
      const callback = decodeCallback(json, JSON.stringify({ data: data.slice(0, length) }), keys);
      expect(callback).toEqual({ kind: 'unreadable', reason: 'undecryptable' });
    }
  });
});

describe('a damaged callback', () => {
  it('never gives the original, shows no key and does not throw, whatever byte is flipped', () => {
    const bytes = Buffer.from(encryptAes256(JSON.stringify(wire), keys), 'base64url');
    const original = { kind: 'callback', encrypted: true, transaction, fields: known };
    for (let index = 0; index < bytes.length; index += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(bytes.readUInt8(index) ^ 0x80, index);
      const data = flipped.toString('base64url');
      const callback = decodeCallback(json, JSON.stringify({ ...keys, data }), keys);
      expect(callback).not.toEqual(original);
      expect(inspect(callback, { depth: null })).not.toContain(keys.privateKey);
    }
  });

  it('never makes decoding throw, whatever the body', () => {
    const contentType = fc.constantFrom(undefined, json, form, 'text/plain');
    const payload = fc.oneof(fc.string(), fc.json(), fc.string().map(envelope));
    fc.assert(
      fc.property(contentType, payload, (type, body) => {
        expect(decodeCallback(type, body, keys)).toHaveProperty('kind');
      }),
    );
  });
});
