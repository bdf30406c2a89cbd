// Goal: generateX25519 returns a key with its matching public half, and a different one each time.
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { generateX25519 } from './generate-x25519.js';

it('agrees on a secret with a party that knows only its public half', () => {
  const { privateKey, jwk } = generateX25519();
  const { kty, crv, x } = jwk;
  const known = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  const other = generateKeyPairSync('x25519');
  const ours = diffieHellman({ privateKey, publicKey: other.publicKey });
  expect(diffieHellman({ privateKey: other.privateKey, publicKey: known })).toEqual(ours);
});

it('matches its JWK, and is different each time', () => {
  const drawn = Array.from({ length: 100 }, () => generateX25519());
  expect(drawn.map(({ privateKey }) => privateKey.export({ format: 'jwk' }))).toEqual(
    drawn.map(({ jwk }) => jwk),
  );
  expect(new Set(drawn.map(({ jwk }) => jwk.d)).size).toBe(100);
});
