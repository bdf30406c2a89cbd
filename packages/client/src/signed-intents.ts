// Payments signed by themselves, as a line of a batch (docs/request-signing.md) or a job
// (docs/publishing.md): a compact JWS (RFC 7515) with Ed25519 (RFC 8037).
import { CompactSign } from 'jose';
import type { KeyObject } from 'node:crypto';

/** The private key, and the id of the API key that has its public half. */
export interface IntentSigner {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

/** The request of a payment as a compact JWS. */
export function signIntent(request: object, { keyId, privateKey }: IntentSigner): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(request)))
    .setProtectedHeader({ alg: 'EdDSA', kid: keyId, typ: 'payment-intent+jws' })
    .sign(privateKey);
}
