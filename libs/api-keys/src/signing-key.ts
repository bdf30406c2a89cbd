// The public half of a merchant's signing key. Only this half is ever here: what could be stolen
// from us signs nothing.
import { createPublicKey, type KeyObject } from 'node:crypto';

const KEY_BYTES = 32;

/** SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410 §4). */
const SPKI_START = Buffer.from('302a300506032b6570032100', 'hex');

/** The key for verifying, from the 32 bytes that are stored. */
export function signingKeyOf(publicKey: Uint8Array): KeyObject {
  const key = Buffer.concat([SPKI_START, publicKey]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

/**
 * The 32 bytes of an Ed25519 public key as a person gives it: PEM (`openssl pkey -pubout`), or the
 * bytes as base64. `undefined` when it is neither; a private key is neither.
 */
export function parseSigningKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN PUBLIC KEY-----')) return rawKeyOf(trimmed);
  const bytes = Buffer.from(trimmed, 'base64');
  const isExact = bytes.length === KEY_BYTES && bytes.toString('base64') === trimmed;
  return isExact ? bytes : undefined;
}

function rawKeyOf(pem: string): Buffer | undefined {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') return undefined;
    return key.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  } catch {
    return undefined;
  }
}
