// What generateX25519 gives is a key with the public half that belongs to it, and another one each
// time.
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { generateX25519 } from './generate-x25519.js';

it('agrees with somebody who knows its public half alone', () => {
  const { privateKey, jwk } = generateX25519();
  const { kty, crv, x } = jwk;
  const known = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  const other = generateKeyPairSync('x25519');
  const ours = diffieHellman({ privateKey, publicKey: other.publicKey });
  expect(diffieHellman({ privateKey: other.privateKey, publicKey: known })).toEqual(ours);
});

it('is the key of its JWK, and not the same one twice', () => {
  const drawn = Array.from({ length: 100 }, () => generateX25519());
  expect(drawn.map(({ privateKey }) => privateKey.export({ format: 'jwk' }))).toEqual(
    drawn.map(({ jwk }) => jwk),
  );
  expect(new Set(drawn.map(({ jwk }) => jwk.d)).size).toBe(100);
});
