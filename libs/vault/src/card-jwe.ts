// Cards that the caller encrypted (`card_jwe`) for the keys at /.well-known/jwks.json. The API
// cannot decrypt such a card, so it checks only the form. The worker decrypts the card before it
// sends it, and checks the content then.
import { activeKey, type KeySet, type SealingKey } from './key-set.js';
import type { CardContext } from './card.js';
import { isCanonical, open, seal } from './jwe.js';
import { ALG, ENC } from './key-agreement.js';
import { isOurTyp, sealedHeader, x25519Of } from './sealed-header.js';
import { decodeProtectedHeader } from 'jose';
import { VaultError } from './vault-error.js';

/** A card object takes 120 bytes and a header 300; anything longer is not a card. */
export const CARD_JWE_CHARS_MAX = 4_096;

/** A fault in the form of a caller's JWE, found without decrypting it. */
export type CardJweFault =
  | 'invalid_format'
  | 'too_big'
  | 'unsupported_algorithm'
  | 'unsupported_header'
  | 'unknown_key'
  | 'other_reference';

/**
 * The header parameters that a caller may send: those of the algorithm (RFC 7516 §4.1, RFC 7518
 * §4.6.1), and the reference that the card is for.
 */
const HEADER = ['alg', 'enc', 'kid', 'epk', 'apu', 'apv', 'typ', 'cty', 'sub'];

/** 96 and 128 bits in base64url. */
const IV_CHARS = 16;
const TAG_CHARS = 22;

/**
 * Returns the fault in the form of a caller's JWE, or `undefined`. A `sub` in the header binds the
 * card to one reference; the JWE is rejected for any other.
 */
export function cardJweFault(
  jwe: string,
  { keys, reference }: { readonly keys: KeySet; readonly reference: string | undefined },
): CardJweFault | undefined {
  if (jwe.length > CARD_JWE_CHARS_MAX) return 'too_big';
  const header = wellFormedHeader(jwe);
  if (!header) return 'invalid_format';
  const { alg, enc, kid, epk, typ, sub } = header;
  if (alg !== ALG || enc !== ENC || x25519Of(epk) === undefined) return 'unsupported_algorithm';
  const isKnown = Object.keys(header).every((name) => HEADER.includes(name));
  // A JWE of ours, which uses the same keys, is never a caller's card.
  if (!isKnown || isOurTyp(typ)) return 'unsupported_header';
  if (!keys.cards.some((key) => key.kid === kid)) return 'unknown_key';
  return sub === undefined || reference === undefined || sub === reference
    ? undefined
    : 'other_reference';
}

function wellFormedHeader(jwe: string): Record<string, unknown> | undefined {
  const [, encryptedKey, iv, ciphertext, tag, ...more] = jwe.split('.');
  // Direct key agreement has no encrypted key (RFC 7518 §4.6).
  const isForm =
    encryptedKey === '' && iv?.length === IV_CHARS && ciphertext && tag?.length === TAG_CHARS;
  if (!isForm || more.length > 0 || !isCanonical(jwe)) return undefined;
  try {
    return decodeProtectedHeader(jwe);
  } catch {
    return undefined;
  }
}

/** The `typ` of a JWE of ours that contains a caller's JWE. */
export const TYP = 'quittance-card-jwe';

/**
 * Encrypts a caller's JWE once more, for one payment, so that it does not decrypt for another
 * payment.
 */
export function sealCardJwe(
  jwe: string,
  { paymentId, keys, session }: CardContext,
): Promise<string> {
  const binding = { typ: TYP, sub: paymentId };
  // The outer header names the key of the inner card, so that a rotation sees which keys are
  // needed.
  const extra = { card_kid: String(sealedHeader(jwe).kid) };
  return seal(jwe, activeKey(keys.cards, 'cards'), binding, { extra, session });
}

/** Decrypts our JWE and returns the caller's JWE. Throws {@link VaultError}. */
export async function openOuter(
  stored: string,
  { paymentId, keys }: { readonly paymentId: string; readonly keys: KeySet },
): Promise<string> {
  return (await open(stored, keys.cards, { typ: TYP, sub: paymentId })).toString();
}

/**
 * Decrypts the caller's JWE. Returns `undefined` when the named key does not decrypt it; a retry
 * would not either. Throws {@link VaultError} when this process does not have that key: another
 * process may have it, or this one later.
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
