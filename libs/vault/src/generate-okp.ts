// Generates X25519 and Ed25519 keys from random bytes (RFC 7748 §5, RFC 8032 §5.1.5) instead of
// with Node's generator. Exporting a generated key as a JWK holds the key's lock while it allocates
// memory. If that allocation triggers a garbage collection that finalizes the generating job, the
// job's destructor waits for the same lock on the same thread, forever. Node 20.20 hung like this
// in an API under load, which stayed alive until it was killed. An imported key has no job.
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
/** Node computes the public half of a private key itself, but requires one in the input. */
const NO_PUBLIC_HALF = Buffer.alloc(KEY_BYTES).toString('base64url');

/** X25519 agrees on secrets, Ed25519 signs. */
export type Curve = 'X25519' | 'Ed25519';

/** A private key object, and its OKP JWK (RFC 8037). */
export interface OkpKey {
  readonly privateKey: KeyObject;
  readonly jwk: { kty: 'OKP'; crv: Curve; x: string; d: string };
}

export function generateOkp(crv: Curve): OkpKey {
  const d = randomBytes(KEY_BYTES).toString('base64url');
  const unfinished = { kty: 'OKP', crv, x: NO_PUBLIC_HALF, d };
  const privateKey = createPrivateKey({ key: unfinished, format: 'jwk' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, jwk: { kty: 'OKP', crv, x, d } };
}
