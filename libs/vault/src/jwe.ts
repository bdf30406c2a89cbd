// Sealing and opening as JWE compact serialisation (RFC 7516) with ECDH-ES on X25519 (RFC 8037) and
// A256GCM: one fresh key pair per message, so that what one sealed message costs to break, the next
// one costs again.
import { decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import type { SealingKey } from './key-set.js';
import { ALG, ENC, type OpenJwe } from './open-jwe.js';
import { type ExtraHeader, sealJwe } from './seal-jwe.js';
import { VaultError } from './vault-error.js';

/**
 * What a message is (`typ`) and whom it belongs to (`sub`): authenticated with it, and checked when
 * it is opened.
 */
export interface Binding {
  readonly typ: string;
  readonly sub: string;
}

/**
 * Seals bytes to the owner of a key. `extra` parameters are authenticated too, and readable by
 * anybody.
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
 * Opens what {@link seal} made for this binding, with the key it names. Anything wrong is a {@link
 * VaultError}.
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
 * Refused before anything is computed: another form, purpose or owner, or a key that this process
 * does not have.
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
 * base64url decoders skip what they do not know; without this, one message would have many
 * spellings.
 */
export function isCanonical(jwe: string): boolean {
  return jwe
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
