// Writes JWEs with node:crypto. jose uses WebCrypto, which passes through the thread pool for each
// of its six steps and takes 0.8 ms of CPU per message, more than all other work of accepting a
// payment; this takes a sixth of it. Decryption, which must judge foreign input, stays with jose; a
// test lets jose decrypt what this file writes.
import {
  createCipheriv,
  createHash,
  diffieHellman,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { ALG, ENC } from './open-jwe.js';
import { generateOkp } from './generate-okp.js';

const CEK_BITS = 256;
/**
 * NIST SP 800-38D §8.2.2: 96 random bits. The key is used once, so no two messages share a pair of
 * key and IV.
 */
const IV_BYTES = 12;

/** Header parameters in addition to those of the algorithm. */
export type ExtraHeader = Readonly<Record<string, string>>;

/**
 * Returns a compact JWE (RFC 7516) for the owner of an X25519 key: ECDH-ES direct, A256GCM, and a
 * new key pair for each message.
 */
export function sealJwe(plaintext: Uint8Array, recipient: KeyObject, extra: ExtraHeader): string {
  const { privateKey, jwk } = generateOkp('X25519');
  const { kty, crv, x } = jwk;
  const header = { alg: ALG, enc: ENC, ...extra, epk: { kty, crv, x } };
  const protectedHeader = Buffer.from(JSON.stringify(header)).toString('base64url');
  const shared = diffieHellman({ privateKey, publicKey: recipient });
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', contentKey(shared), iv);
  cipher.setAAD(Buffer.from(protectedHeader, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  // The second part is the encrypted key, which direct key agreement does not have.
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  return [protectedHeader, '', ...parts].join('.');
}

/**
 * Derives the content key by the Concat KDF of RFC 7518 §4.6.2 with empty party infos; one round of
 * SHA-256 gives the 256 bits.
 */
function contentKey(shared: Buffer): Buffer {
  const algorithm = Buffer.concat([uint32(ENC.length), Buffer.from(ENC)]);
  const noPartyInfo = uint32(0);
  const otherInfo = [algorithm, noPartyInfo, noPartyInfo, uint32(CEK_BITS)];
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), shared, ...otherInfo]))
    .digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
