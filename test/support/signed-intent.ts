// A publisher that signs payment intents as compact JWS, written from RFC 7515 and RFC 8037 and
// independent of our implementation.
import { type KeyObject, sign } from 'node:crypto';

/** Base64url of a text, of bytes, or of a value as JSON. */
export function base64url(value: unknown): string {
  const isRaw = typeof value === 'string' || Buffer.isBuffer(value);
  return Buffer.from(isRaw ? value : JSON.stringify(value)).toString('base64url');
}

export interface Signer {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

/** Signs a payload; `header` adds to the usual members or replaces them. */
export function signedIntent(
  payload: unknown,
  { keyId, privateKey }: Signer,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const usual = { alg: 'EdDSA', kid: keyId, typ: 'payment-intent+jws' };
  const signed = `${base64url({ ...usual, ...header })}.${base64url(payload)}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}
