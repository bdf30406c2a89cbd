// Reads the public half of a merchant's signing key. Quittance never has the private half, so a
// thief of this database can sign nothing.
import { createPublicKey, type KeyObject } from 'node:crypto';

const KEY_BYTES = 32;

/** The DER prefix of an Ed25519 SubjectPublicKeyInfo, up to the key itself (RFC 8410 §4). */
const SPKI_START = Buffer.from('302a300506032b6570032100', 'hex');

/** Returns the key that verifies signatures, from the 32 stored bytes. */
export function signingKeyOf(publicKey: Uint8Array): KeyObject {
  const key = Buffer.concat([SPKI_START, publicKey]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

/**
 * Parses an Ed25519 public key into its 32 bytes. `text` is PEM (`openssl pkey -pubout`) or the
 * bytes in base64. Returns `undefined` for anything else, a private key included.
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
