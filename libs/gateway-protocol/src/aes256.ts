// The gateway's AES-256-CBC text format, byte for byte (protocol §2.1). It hides a payload but does
// not authenticate it: there is no MAC and the IV is fixed per terminal, so a text is not genuine
// because it decrypts.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

/** A terminal's key pair as issued by the gateway, both as text, never decoded (protocol §2.1). */
export interface Aes256Keys {
  /** Used byte for byte, including a trailing `=`: the IV is derived from it. */
  readonly publicKey: string;
  /** Only the first 32 UTF-8 bytes matter; shorter keys are padded with zero bytes. */
  readonly privateKey: string;
}

/**
 * The error for a ciphertext that does not decrypt. Every cause gives the same error, so that no
 * caller becomes a padding oracle.
 */
export class GatewayCodecError extends Error {
  override readonly name = 'GatewayCodecError';

  constructor() {
    super('The encrypted text does not decrypt with the keys of this terminal.');
  }
}

const ALGORITHM = 'aes-256-cbc';
const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
const URL_SAFE_OR_STANDARD_BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface DerivedKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
}

// Keyed by the keys object, so that the derived bytes live exactly as long as the secret.
const derivedKeys = new WeakMap<Aes256Keys, DerivedKeys>();

function derive(keys: Aes256Keys): DerivedKeys {
  const known = derivedKeys.get(keys);
  if (known) return known;
  const key = Buffer.alloc(KEY_BYTES);
  Buffer.from(keys.privateKey, 'utf8').copy(key, 0, 0, KEY_BYTES);
  const iv = createHash('sha256').update(keys.publicKey, 'utf8').digest().subarray(0, BLOCK_BYTES);
  const derived = { key, iv };
  derivedKeys.set(keys, derived);
  return derived;
}

/**
 * Encrypts UTF-8 text to the gateway's form: url-safe base64 without padding (protocol §2.1).
 * Deterministic: equal text and keys give equal ciphertext.
 */
export function encryptAes256(plaintext: string, keys: Aes256Keys): string {
  const { key, iv } = derive(keys);
  const cipher = createCipheriv(ALGORITHM, key, iv);
  return Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]).toString('base64url');
}

/**
 * Decrypts the gateway's form. Accepts the url-safe and the standard alphabet, padded or not
 * (protocol §2.1).
 * @throws GatewayCodecError for a wrong alphabet, length, padding or key, and for plaintext that is
 * not UTF-8.
 */
export function decryptAes256(ciphertext: string, keys: Aes256Keys): string {
  const bytes = decodeBase64(ciphertext);
  if (!bytes || bytes.length % BLOCK_BYTES !== 0) throw new GatewayCodecError();
  const { key, iv } = derive(keys);
  try {
    const decipher = createDecipheriv(ALGORITHM, key, iv);
    return utf8.decode(Buffer.concat([decipher.update(bytes), decipher.final()]));
  } catch {
    throw new GatewayCodecError();
  }
}

/**
 * Decodes base64 strictly. Node skips unknown characters; the gateway's decoder rejects them, and
 * so do we.
 */
function decodeBase64(text: string): Buffer | undefined {
  if (!URL_SAFE_OR_STANDARD_BASE64.test(text)) return undefined;
  const isPadded = text.endsWith('=');
  if (isPadded ? text.length % 4 !== 0 : text.length % 4 === 1) return undefined;
  return Buffer.from(text, 'base64');
}
