// Writes JWEs with node:crypto. jose uses WebCrypto, which passes through the thread pool for each
// of its six steps and takes 0.8 ms of CPU per message, more than all other work of accepting a
// payment. A test lets jose decrypt what this file writes.
import { createCipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { agreeForMessage, ALG, ENC, type EphemeralAgreement } from './key-agreement.js';

/**
 * NIST SP 800-38D §8.2.2: 96 random bits. A key is used once, or a few times for one owner, so no
 * two messages share a pair of key and IV.
 */
const IV_BYTES = 12;

/** Header parameters in addition to those of the algorithm. */
export type ExtraHeader = Readonly<Record<string, string>>;

/**
 * Returns a compact JWE (RFC 7516) for the owner of an X25519 key: ECDH-ES direct, A256GCM, and a
 * new key pair for each message.
 */
export function sealJwe(plaintext: Uint8Array, recipient: KeyObject, extra: ExtraHeader): string {
  const ephemeral = agreeForMessage(recipient);
  try {
    return sealAgreed(plaintext, ephemeral, extra);
  } finally {
    ephemeral.agreement.end();
  }
}

/**
 * Returns the same for an agreement that exists. `apv` in the header is authenticated and part of
 * the derivation, so each `apv` has its own key (RFC 7518 §4.6.1.3).
 */
export function sealAgreed(
  plaintext: Uint8Array,
  { x, agreement }: EphemeralAgreement,
  extra: ExtraHeader,
): string {
  const header = { alg: ALG, enc: ENC, ...extra, epk: { kty: 'OKP', crv: 'X25519', x } };
  const protectedHeader = Buffer.from(JSON.stringify(header)).toString('base64url');
  const key = agreement.contentKey(Buffer.from(extra['apv'] ?? '', 'base64url'));
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  key.fill(0);
  cipher.setAAD(Buffer.from(protectedHeader, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  // The second part is the encrypted key, which direct key agreement does not have.
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  return [protectedHeader, '', ...parts].join('.');
}
