// Encrypts and decrypts as JWE compact serialization (RFC 7516) with ECDH-ES on X25519 (RFC 8037)
// and A256GCM. Each message has its own key pair, so breaking one message does not help to break
// the next.
import { decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import type { SealingKey } from './key-set.js';
import { ALG, ENC, type OpenJwe } from './open-jwe.js';
import { type ExtraHeader, sealJwe } from './seal-jwe.js';
import { VaultError } from './vault-error.js';

/**
 * The type (`typ`) and the owner (`sub`) of a message. Both are authenticated with it and checked
 * on decryption.
 */
export interface Binding {
  readonly typ: string;
  readonly sub: string;
}

/**
 * Encrypts bytes for the owner of a key. `extra` parameters are authenticated too, and are readable
 * without a key.
 */
export function seal(
  plaintext: Uint8Array | string,
  { kid, publicKey }: SealingKey,
  { typ, sub }: Binding,
  extra: ExtraHeader = {},
): Promise<string> {
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext) : plaintext;
  return Promise.resolve(sealJwe(bytes, publicKey, { kid, typ, sub, ...extra }));
}

/**
 * Decrypts a message that {@link seal} encrypted for this binding, with the key that it names.
 * Throws {@link VaultError} for any fault.
 */
export async function open(
  jwe: string,
  keys: readonly SealingKey[],
  binding: Binding,
): Promise<Buffer> {
  try {
    if (!isCanonical(jwe)) throw new VaultError();
    const opener = openerFor(decodeProtectedHeader(jwe), keys, binding);
    return Buffer.from(await opener(jwe));
  } catch {
    throw new VaultError();
  }
}

/**
 * Returns the function that decrypts the message. Throws {@link VaultError} before any computation
 * for another form, type or owner, or for a key that this process does not have.
 */
function openerFor(
  { alg, enc, kid, typ, sub }: ProtectedHeaderParameters,
  keys: readonly SealingKey[],
  binding: Binding,
): OpenJwe {
  const opener = keys.find((key) => key.kid === kid)?.open;
  const isOurs = alg === ALG && enc === ENC && typ === binding.typ && sub === binding.sub;
  if (!isOurs || !opener) throw new VaultError();
  return opener;
}

/**
 * True when the text is the one canonical spelling of its bytes. base64url decoders skip unknown
 * characters, so without this check one message would have many spellings.
 */
export function isCanonical(jwe: string): boolean {
  return jwe
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
