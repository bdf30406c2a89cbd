// A card that its caller sealed (`card_jwe`), to the keys at /.well-known/jwks.json. Where it
// arrives nobody can open it, so only its form is judged there; whoever sends it on opens it, and
// learns then what it holds.
import { activeKey, type KeySet, type SealingKey } from './key-set.js';
import { isCanonical, open, seal } from './jwe.js';
import { ALG, ENC } from './open-jwe.js';
import { sealedHeader } from './sealed-header.js';
import { decodeProtectedHeader } from 'jose';
import { VaultError } from './vault-error.js';

/** A card object is 120 bytes, a header 300; what is longer is something else. */
export const CARD_JWE_CHARS_MAX = 4_096;

/** What can be wrong with a caller's JWE that nobody has opened. */
export type CardJweFault =
  | 'invalid_format'
  | 'too_big'
  | 'unsupported_algorithm'
  | 'unsupported_header'
  | 'unknown_key'
  | 'other_reference';

/**
 * Header parameters a caller may send: those of the algorithm (RFC 7516 §4.1, RFC 7518 §4.6.1) and
 * whom the card is for.
 */
const HEADER = ['alg', 'enc', 'kid', 'epk', 'apu', 'apv', 'typ', 'cty', 'sub'];

/** 96 bits and 128 bits in base64url. */
const IV_CHARS = 16;
const TAG_CHARS = 22;

/** Our own messages are sealed to the same keys; one of them is never a caller's card. */
const OUR_TYP = /^quittance-/;

/**
 * What is wrong with the form of a caller's JWE. A `sub` in its header binds it to one reference:
 * it is refused for any other.
 */
export function cardJweFault(
  jwe: string,
  { keys, reference }: { readonly keys: KeySet; readonly reference: string | undefined },
): CardJweFault | undefined {
  if (jwe.length > CARD_JWE_CHARS_MAX) return 'too_big';
  const header = wellFormedHeader(jwe);
  if (!header) return 'invalid_format';
  const { alg, enc, kid, epk, typ, sub } = header;
  if (alg !== ALG || enc !== ENC || !isX25519(epk)) return 'unsupported_algorithm';
  const isKnown = Object.keys(header).every((name) => HEADER.includes(name));
  if (!isKnown || (typeof typ === 'string' && OUR_TYP.test(typ))) return 'unsupported_header';
  if (!keys.cards.some((key) => key.kid === kid)) return 'unknown_key';
  return sub === undefined || reference === undefined || sub === reference
    ? undefined
    : 'other_reference';
}

function wellFormedHeader(jwe: string): Record<string, unknown> | undefined {
  const [, encryptedKey, iv, ciphertext, tag, ...more] = jwe.split('.');
  // Direct agreement has no encrypted key (RFC 7518 §4.6).
  const isForm =
    encryptedKey === '' && iv?.length === IV_CHARS && ciphertext && tag?.length === TAG_CHARS;
  if (!isForm || more.length > 0 || !isCanonical(jwe)) return undefined;
  try {
    return decodeProtectedHeader(jwe);
  } catch {
    return undefined;
  }
}

function isX25519(epk: unknown): boolean {
  const { kty, crv, x } = (epk ?? {}) as Record<string, unknown>;
  return kty === 'OKP' && crv === 'X25519' && typeof x === 'string';
}

/** `typ` of a caller's JWE within ours. */
export const TYP = 'quittance-card-jwe';

/** Seals a caller's JWE once more, for one payment: moved to another one it does not open. */
export function sealCardJwe(
  jwe: string,
  { paymentId, keys }: { readonly paymentId: string; readonly keys: KeySet },
): Promise<string> {
  const binding = { typ: TYP, sub: paymentId };
  // Which key the card inside needs is said outside, for who asks whether a key may go.
  return seal(jwe, activeKey(keys.cards, 'cards'), binding, {
    card_kid: String(sealedHeader(jwe).kid),
  });
}

/** Opens our seal: the caller's JWE. Throws {@link VaultError}. */
export async function openOuter(
  stored: string,
  { paymentId, keys }: { readonly paymentId: string; readonly keys: KeySet },
): Promise<string> {
  return (await open(stored, keys.cards, { typ: TYP, sub: paymentId })).toString();
}

/**
 * Opens the caller's own seal. `undefined` when the named key does not open it, which no later try
 * will change. Throws {@link VaultError} when this process does not have that key: another one may,
 * or this one later.
 */
export async function openInner(
  jwe: string,
  keys: readonly SealingKey[],
): Promise<Buffer | undefined> {
  const { kid } = sealedHeader(jwe);
  const opener = keys.find((key) => key.kid === kid)?.open;
  if (!opener) throw new VaultError();
  try {
    return Buffer.from(await opener(jwe));
  } catch {
    return undefined;
  }
}
