// Goal: a shop can verify a returning payer's status with the published keys alone, and a token is
// valid for one merchant, for five minutes, and with our keys only.
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { generateKeySets } from './new-keys.js';
import { type KeySet, KeySetError, parseKeySet, publicJwks } from './key-set.js';
import { returnToken } from './return-token.js';

const now = new Date('2026-11-27T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const claims = {
  reference: 'ORD-1',
  order_id: null,
  status: 'succeeded',
  version: 4,
  amount: '11.11',
  currency: 'EUR',
  livemode: false,
};
const sets = generateKeySets();
const keys = parseKeySet(JSON.stringify(sets.api));
const tokenOf = (signers: KeySet) =>
  returnToken(claims, { paymentId: 'pi_1', merchantId: 'mer_1', now }, signers);

const verify = (token: string, published: KeySet, at = now, audience = 'mer_1') => {
  const jwks = publicJwks(published) as unknown as JSONWebKeySet;
  return jwtVerify(token, createLocalJWKSet(jwks), {
    audience,
    currentDate: at,
    typ: 'payment-return+jwt',
    algorithms: ['EdDSA'],
  });
};

it('names the payment, the merchant and the status', async () => {
  const { payload, protectedHeader } = await verify(await tokenOf(keys), keys);
  const seconds = now.getTime() / 1_000;
  expect(payload).toEqual({
    ...claims,
    sub: 'pi_1',
    aud: 'mer_1',
    iat: seconds,
    exp: seconds + 300,
  });
  expect(protectedHeader.kid).toBe(sets.api.returnTokens?.[0]?.['kid']);
});

it('is valid for five minutes and for its merchant', async () => {
  const token = await tokenOf(keys);
  await expect(verify(token, keys, later(299))).resolves.toBeDefined();
  await expect(verify(token, keys, later(301))).rejects.toThrow('exp');
  await expect(verify(token, keys, now, 'mer_2')).rejects.toThrow('aud');
});

it('stays valid after a rotation, and ends with its key', async () => {
  const token = await tokenOf(keys);
  const [next, former] = [generateKeySets().api.returnTokens ?? [], sets.api.returnTokens ?? []];
  const withLists = (returnTokens: object[]) =>
    parseKeySet(JSON.stringify({ ...sets.api, returnTokens }));
  await expect(verify(token, withLists([...next, ...former]))).resolves.toBeDefined();
  await expect(verify(token, withLists([...next]))).rejects.toThrow('no applicable key');
  await expect(verify(await tokenOf(withLists([...next, ...former])), keys)).rejects.toThrow(
    'no applicable key',
  );
});

it('cannot be signed without a key', () => {
  const without = parseKeySet(JSON.stringify({ ...sets.api, returnTokens: [] }));
  expect(() => tokenOf(without)).toThrow(KeySetError);
});
