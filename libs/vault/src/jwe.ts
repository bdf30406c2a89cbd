// Encrypts and decrypts as JWE compact serialization (RFC 7516) with ECDH-ES on X25519 (RFC 8037)
// and A256GCM. Each message has its own key, so breaking one message does not help to break the
// next. Messages of a session share one key agreement; every other message has a key pair of its
// own.
import { decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import type { SealingKey } from './key-set.js';
import { ALG, ENC } from './key-agreement.js';
import type { OpenJwe } from './open-jwe.js';
import { type ExtraHeader, sealJwe } from './seal-jwe.js';
import { partyInfo, type SealingSession } from './sealing-session.js';
import { VaultError } from './vault-error.js';

/**
 * The type (`typ`) and the owner (`sub`) of a message. Both are authenticated with it and checked
 * on decryption.
 */
export interface Binding {
  readonly typ: string;
  readonly sub: string;
}

/** Ways to encrypt a message. */
export interface SealOptions {
  /** Header parameters that are authenticated too, and are readable without a key. */
  readonly extra?: ExtraHeader;
  /** Shares its key agreement; omitted: the message has one of its own. */
  readonly session?: SealingSession | undefined;
}

/** Encrypts bytes for the owner of a key. */
export function seal(
  plaintext: Uint8Array | string,
  { kid, publicKey }: SealingKey,
  { typ, sub }: Binding,
  { extra, session }: SealOptions = {},
): Promise<string> {
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext) : plaintext;
  const header = { kid, typ, sub, ...extra };
  const jwe = session
    ? session.seal(bytes, publicKey, { ...header, apv: partyInfo(sub) })
    : sealJwe(bytes, publicKey, header);
  return Promise.resolve(jwe);
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
  { alg, enc, kid, typ, sub, apv }: ProtectedHeaderParameters,
  keys: readonly SealingKey[],
  binding: Binding,
): OpenJwe {
  const opener = keys.find((key) => key.kid === kid)?.open;
  const isOurs = alg === ALG && enc === ENC && typ === binding.typ && sub === binding.sub;
  const isDerivedForOwner = apv === undefined || apv === partyInfo(binding.sub);
  if (!isOurs || !isDerivedForOwner || !opener) throw new VaultError();
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
