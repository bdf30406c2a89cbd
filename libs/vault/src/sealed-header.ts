// What a sealed message says of itself without being opened. Nobody vouches for it until it is:
// good for counting and for choosing a key, and for nothing that decides about money.
import { decodeProtectedHeader } from 'jose';

/** The header parameters that are ours; `undefined` for what is no JWE, or has none. */
export interface SealedHeader {
  readonly kid?: unknown;
  readonly typ?: unknown;
  readonly card_kid?: unknown;
}

/** The protected header of a compact JWE; empty for anything else. */
export function sealedHeader(jwe: string): SealedHeader {
  try {
    return decodeProtectedHeader(jwe);
  } catch {
    return {};
  }
}

/**
 * The kids of all keys that it takes to open a stored message: its own, and that of a caller's card
 * inside it.
 */
export function sealedKids(jwe: string): string[] {
  const { kid, card_kid: cardKid } = sealedHeader(jwe);
  return [kid, cardKid].filter((each) => typeof each === 'string');
}
