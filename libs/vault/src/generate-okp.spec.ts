// Goal: generateOkp returns a key with its matching public half, and a different one each time.
import { createPublicKey, diffieHellman, generateKeyPairSync, sign, verify } from 'node:crypto';
import { type Curve, generateOkp } from './generate-okp.js';

it('agrees on a secret with a party that knows only its public half', () => {
  const { privateKey, jwk } = generateOkp('X25519');
  const { kty, crv, x } = jwk;
  const known = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  const other = generateKeyPairSync('x25519');
  const ours = diffieHellman({ privateKey, publicKey: other.publicKey });
  expect(diffieHellman({ privateKey: other.privateKey, publicKey: known })).toEqual(ours);
});

it('signs for a party that knows only its public half', () => {
  const { privateKey, jwk } = generateOkp('Ed25519');
  const { kty, crv, x } = jwk;
  const known = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  const text = Buffer.from('paid');
  expect(verify(null, text, known, sign(null, text, privateKey))).toBe(true);
});

it.each<Curve>(['X25519', 'Ed25519'])(
  'on %s matches its JWK, and is different each time',
  (curve) => {
    const drawn = Array.from({ length: 100 }, () => generateOkp(curve));
    expect(drawn.map(({ privateKey }) => privateKey.export({ format: 'jwk' }))).toEqual(
      drawn.map(({ jwk }) => jwk),
    );
    expect(new Set(drawn.map(({ jwk }) => jwk.d)).size).toBe(100);
  },
);
