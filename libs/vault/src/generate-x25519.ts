// A fresh X25519 key, made of random bytes (RFC 7748 §5) and not by Node's generator. Who exports a
// key of that one as a JWK holds the key's lock while memory is allocated; if that sets off a
// garbage collection which finds the generating job dead, the end of the job waits for the same
// lock, on the same thread, for ever. Node 20.20 did so in an api under load, which stood still,
// alive, until it was killed. A key that was read has no job.
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const CURVE = { kty: 'OKP', crv: 'X25519' } as const;
/** Node computes the public half of a private key itself, and wants to read one all the same. */
const NO_PUBLIC_HALF = Buffer.alloc(KEY_BYTES).toString('base64url');

/** A private key for computing, and its OKP JWK (RFC 8037). */
export interface X25519Key {
  readonly privateKey: KeyObject;
  readonly jwk: { kty: 'OKP'; crv: 'X25519'; x: string; d: string };
}

export function generateX25519(): X25519Key {
  const d = randomBytes(KEY_BYTES).toString('base64url');
  const unfinished = { ...CURVE, x: NO_PUBLIC_HALF, d };
  const privateKey = createPrivateKey({ key: unfinished, format: 'jwk' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, jwk: { ...CURVE, x, d } };
}
