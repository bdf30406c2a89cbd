// Goal: a token is right for one payment, in one spelling, by any of our keys, and nothing else is.
import fc from 'fast-check';
import { callbackToken, verifyCallbackToken } from './callback-token.js';
import { generateKeySets } from './new-keys.js';
import { type KeySet, KeySetError, parseKeySet } from './key-set.js';

const generated = generateKeySets();
const tokenFor = (id: string, keys: KeySet) => callbackToken(id, keys).token;
const worker = parseKeySet(JSON.stringify(generated.worker));
const webhook = parseKeySet(JSON.stringify(generated.webhook));

describe('a callback token', () => {
  it('is made by the worker and verified by the webhook, for any payment', () => {
    fc.assert(
      fc.property(fc.string(), (paymentId) => {
        const token = tokenFor(paymentId, worker);
        expect(token).toMatch(/^[\w-]{43}$/);
        expect(verifyCallbackToken(paymentId, token, webhook)).toBe(true);
      }),
    );
  });

  it('is not another payment’s', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (paymentId, other) => {
        fc.pre(paymentId !== other);
        expect(verifyCallbackToken(other, tokenFor(paymentId, worker), webhook)).toBe(false);
      }),
    );
  });

  it('has one spelling', () => {
    const token = tokenFor('pi_1', worker);
    const other = (character: string) => (character === 'A' ? 'B' : 'A');
    const changed = Array.from(token, (c, i) => token.slice(0, i) + other(c) + token.slice(i + 1));
    const wide = String.fromCodePoint((token.codePointAt(0) ?? 0) + 0x100) + token.slice(1);
    const wrong = ['', token.slice(1), `${token}=`, `${token}A`, `${token}\0`, wide, ...changed];
    expect(wrong.filter((text) => verifyCallbackToken('pi_1', text, webhook))).toEqual([]);
  });

  it('refuses any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(verifyCallbackToken('pi_1', text, webhook)).toBe(false);
      }),
    );
  });

  it('stays right when its key is retired, and is wrong when the key is gone', () => {
    const token = tokenFor('pi_1', worker);
    const next = generateKeySets().webhook.callbackTokens ?? [];
    const rotated = parseKeySet(
      JSON.stringify({ callbackTokens: [...next, ...(generated.webhook.callbackTokens ?? [])] }),
    );
    expect(verifyCallbackToken('pi_1', token, rotated)).toBe(true);
    expect(tokenFor('pi_1', rotated)).not.toBe(token);
    expect(callbackToken('pi_1', rotated).kid).toBe(next[0]?.['kid']);
    const replaced = parseKeySet(JSON.stringify({ callbackTokens: next }));
    expect(verifyCallbackToken('pi_1', token, replaced)).toBe(false);
  });

  it('is never right without keys, and cannot be made without one', () => {
    const none = parseKeySet('{}');
    expect(verifyCallbackToken('pi_1', tokenFor('pi_1', worker), none)).toBe(false);
    expect(() => tokenFor('pi_1', none)).toThrow(KeySetError);
  });
});
