// Decrypts stored cards, whether we or the caller encrypted them, and re-encrypts them when a key
// is retired.
import { type CardContext, openCard, TYP as CARD } from './card.js';
import type { Card } from './card.js';
import { openInner, openOuter, TYP as CARD_JWE } from './card-jwe.js';
import { activeKey } from './key-set.js';
import { open, seal } from './jwe.js';
import { sealedHeader, sealedKids } from './sealed-header.js';

/**
 * The `typ` of a caller's card object that a rotation has taken out of the caller's JWE and
 * encrypted again. Its content is not checked yet.
 */
const CALLER_CARD = 'quittance-caller-card';

/** A decrypted card, or the reason for its absence. Both reasons are final. */
export type OpenedCard = Card | 'card_unreadable' | 'card_invalid';

/** Parses a caller's card object from JSON; returns `undefined` for an invalid card. */
export type ReadCallerCard = (value: unknown) => Card | undefined;

/**
 * Decrypts a stored card for its payment. Throws VaultError for another payment's card or a missing
 * key.
 */
export async function openStoredCard(
  stored: string,
  context: CardContext & { readonly readCallerCard: ReadCallerCard },
): Promise<OpenedCard> {
  const { paymentId, keys, readCallerCard } = context;
  const { typ } = sealedHeader(stored);
  if (typ === CALLER_CARD) {
    const binding = { typ, sub: paymentId };
    return parseCallerCard(await open(stored, keys.cards, binding), readCallerCard);
  }
  if (typ !== CARD_JWE) return openCard(stored, context);
  const plaintext = await openInner(await openOuter(stored, context), keys.cards);
  return plaintext ? parseCallerCard(plaintext, readCallerCard) : 'card_unreadable';
}

function parseCallerCard(plaintext: Buffer, read: ReadCallerCard): OpenedCard {
  try {
    return read(JSON.parse(plaintext.toString())) ?? 'card_invalid';
  } catch {
    // The parser's error quotes the text, which may be a card.
    return 'card_invalid';
  }
}

/**
 * Returns the stored card encrypted with the active key, or the same text when it already is. The
 * caller's JWE is removed, so that its key can be destroyed. A caller's JWE that does not decrypt
 * stays until its payment has failed. Throws VaultError.
 */
export async function resealCard(stored: string, context: CardContext): Promise<string> {
  const { paymentId, keys } = context;
  const active = activeKey(keys.cards, 'cards');
  if (sealedKids(stored).every((kid) => kid === active.kid)) return stored;
  const { typ } = sealedHeader(stored);
  if (typ !== CARD_JWE) {
    const binding = { typ: typ === CALLER_CARD ? CALLER_CARD : CARD, sub: paymentId };
    return seal(await open(stored, keys.cards, binding), active, binding);
  }
  const plaintext = await openInner(await openOuter(stored, context), keys.cards);
  if (!plaintext) return stored;
  return seal(plaintext, active, { typ: CALLER_CARD, sub: paymentId });
}
