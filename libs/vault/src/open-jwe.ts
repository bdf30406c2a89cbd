// The private half of a sealing key, as everything else sees it: something that opens a message.
// Where the key material is, is its own affair: here it is in memory, read from a file or the
// environment. A key management service would take its place.
import { compactDecrypt } from 'jose';
import type { KeyObject } from 'node:crypto';

/**
 * The one form of JWE that is written and read: direct agreement on X25519 (RFC 8037), AES-256-GCM.
 */
export const ALG = 'ECDH-ES';
export const ENC = 'A256GCM';

/**
 * Opens a compact JWE that was sealed to one key. Rejects when it cannot. Whom the message belongs
 * to and what it is for was checked by the caller, in the header that this authenticates.
 */
export type OpenJwe = (jwe: string) => Promise<Uint8Array>;

/** Opens with a private key in the memory of this process. */
export function openWith(privateKey: KeyObject): OpenJwe {
  const options = { keyManagementAlgorithms: [ALG], contentEncryptionAlgorithms: [ENC] };
  return async (jwe) => (await compactDecrypt(jwe, privateKey, options)).plaintext;
}
