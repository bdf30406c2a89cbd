// Sealing and opening as JWE compact serialisation (RFC 7516) with ECDH-ES on X25519 (RFC 8037) and A256GCM: one fresh key
// pair per message, so that what one sealed message costs to break, the next one costs again.
import { compactDecrypt, type CompactJWEHeaderParameters } from 'jose';
import type { KeyObject } from 'node:crypto';
import type { SealingKey } from './key-set.js';
import { sealJwe } from './seal-jwe.js';
import { VaultError } from './vault-error.js';

const ALG = 'ECDH-ES';
const ENC = 'A256GCM';

/** What a message is (`typ`) and whom it belongs to (`sub`): authenticated with it, and checked when it is opened. */
export interface Binding {
  readonly typ: string;
  readonly sub: string;
}

/** Seals bytes to the owner of a key. */
export function seal(
  plaintext: Uint8Array | string,
  { kid, publicKey }: SealingKey,
  binding: Binding,
): Promise<string> {
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext) : plaintext;
  return Promise.resolve(sealJwe(bytes, publicKey, { kid, ...binding }));
}

/** Opens what {@link seal} made for this binding, with the key it names. Anything wrong is a {@link VaultError}. */
export async function open(
  jwe: string,
  keys: readonly SealingKey[],
  binding: Binding,
): Promise<Buffer> {
  try {
    if (!isCanonical(jwe)) throw new VaultError();
    const options = { keyManagementAlgorithms: [ALG], contentEncryptionAlgorithms: [ENC] };
    const { plaintext } = await compactDecrypt(
      jwe,
      (header: CompactJWEHeaderParameters) => keyFor(header, keys, binding),
      options,
    );
    return Buffer.from(plaintext);
  } catch {
    throw new VaultError();
  }
}

/** Refused before anything is computed: another purpose, another owner, or a key that this process does not have. */
function keyFor(
  { kid, typ, sub }: CompactJWEHeaderParameters,
  keys: readonly SealingKey[],
  binding: Binding,
): KeyObject {
  const privateKey = keys.find((key) => key.kid === kid)?.privateKey;
  if (typ !== binding.typ || sub !== binding.sub || !privateKey) throw new VaultError();
  return privateKey;
}

/** base64url decoders skip what they do not know; without this, one message would have many spellings. */
function isCanonical(jwe: string): boolean {
  return jwe
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
