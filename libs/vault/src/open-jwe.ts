// Decrypts JWEs with a private key. All other code sees the private half only as a function that
// decrypts a message. Here the key is in memory, from a file or the environment; a key management
// service could replace it.
import { compactDecrypt } from 'jose';
import type { KeyObject } from 'node:crypto';

/**
 * The only form of JWE that is written and read: direct key agreement on X25519 (RFC 8037),
 * AES-256-GCM.
 */
export const ALG = 'ECDH-ES';
export const ENC = 'A256GCM';

/**
 * Decrypts a compact JWE for one key. Rejects on failure. The caller has already checked the owner
 * and the type in the header, which the decryption authenticates.
 */
export type OpenJwe = (jwe: string) => Promise<Uint8Array>;

/** Returns a function that decrypts with a private key in the memory of this process. */
export function openWith(privateKey: KeyObject): OpenJwe {
  const options = { keyManagementAlgorithms: [ALG], contentEncryptionAlgorithms: [ENC] };
  return async (jwe) => (await compactDecrypt(jwe, privateKey, options)).plaintext;
}
