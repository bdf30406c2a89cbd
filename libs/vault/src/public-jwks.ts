// What callers seal cards to themselves: the public halves, for `/.well-known/jwks.json`.
import type { JWK } from 'jose';
import type { KeySet } from './key-set.js';

/**
 * A JWK Set (RFC 7517 §5) of the active cards key alone, so that nobody seals anew to a retired one. Never holds a private part or
 * a key of another purpose.
 */
export function publicJwks(keys: KeySet): { readonly keys: readonly JWK[] } {
  return {
    keys: keys.cards.slice(0, 1).map(({ kid, publicKey }) => {
      const { x = '' } = publicKey.export({ format: 'jwk' });
      return { kty: 'OKP', crv: 'X25519', x, kid, use: 'enc', alg: 'ECDH-ES' };
    }),
  };
}
