// Reads the header of a JWE without decrypting it. Such a header is not authenticated: use it to
// count messages and to choose a key, never for a decision about money.
import { decodeProtectedHeader } from 'jose';

/**
 * The header parameters that we write. Each is `undefined` when the text is not a JWE or lacks it.
 */
export interface SealedHeader {
  readonly kid?: unknown;
  readonly typ?: unknown;
  readonly card_kid?: unknown;
}

/** Returns the protected header of a compact JWE, or an empty object for any other text. */
export function sealedHeader(jwe: string): SealedHeader {
  try {
    return decodeProtectedHeader(jwe);
  } catch {
    return {};
  }
}

/**
 * Returns the kids of all keys that a stored message needs: its own key, and the key of a caller's
 * card inside it.
 */
export function sealedKids(jwe: string): string[] {
  const { kid, card_kid: cardKid } = sealedHeader(jwe);
  return [kid, cardKid].filter((each) => typeof each === 'string');
}

/** True for the `typ` of a JWE that we wrote. */
export function isOurTyp(typ: unknown): boolean {
  return typeof typ === 'string' && typ.startsWith('quittance-');
}

/** Returns the `x` of an ephemeral X25519 key (RFC 8037 §2); `undefined` for any other value. */
export function x25519Of(epk: unknown): string | undefined {
  const { kty, crv, x } = (epk ?? {}) as Record<string, unknown>;
  return kty === 'OKP' && crv === 'X25519' && typeof x === 'string' ? x : undefined;
}
