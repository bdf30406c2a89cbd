// A card as it is stored, whoever sealed it: opened where it is sent on, and sealed anew where a
// key is retired.
import { type CardContext, openCard, TYP as CARD } from './card.js';
import type { Card } from './card.js';
import { openInner, openOuter, TYP as CARD_JWE } from './card-jwe.js';
import { activeKey } from './key-set.js';
import { open, seal } from './jwe.js';
import { sealedHeader, sealedKids } from './sealed-header.js';

/**
 * A caller's card object under our own seal, once a rotation has taken it out of the caller's. Not
 * judged yet.
 */
const CALLER_CARD = 'quittance-caller-card';

/** What came out: a card, or why there is none. Both reasons are final. */
export type OpenedCard = Card | 'card_unreadable' | 'card_invalid';

/** Reads a caller's card object from JSON; `undefined` when it is not a good card. */
export type ReadCallerCard = (value: unknown) => Card | undefined;

/**
 * Opens a stored card for its payment. Throws VaultError for one that is not this payment's or
 * needs a key that is not here.
 */
export async function openStoredCard(
  stored: string,
  context: CardContext & { readonly readCallerCard: ReadCallerCard },
): Promise<OpenedCard> {
  const { paymentId, keys, readCallerCard } = context;
  const { typ } = sealedHeader(stored);
  if (typ === CALLER_CARD) {
    const binding = { typ, sub: paymentId };
    return judged(await open(stored, keys.cards, binding), readCallerCard);
  }
  if (typ !== CARD_JWE) return openCard(stored, context);
  const plaintext = await openInner(await openOuter(stored, context), keys.cards);
  return plaintext ? judged(plaintext, readCallerCard) : 'card_unreadable';
}

function judged(plaintext: Buffer, read: ReadCallerCard): OpenedCard {
  try {
    return read(JSON.parse(plaintext.toString())) ?? 'card_invalid';
  } catch {
    // The parser's own error quotes the text, which may be a card.
    return 'card_invalid';
  }
}

/**
 * The stored card sealed to the active key; the very same text when it already is. A caller's seal
 * is taken off, so that the key it was made for can go; one that does not open stays, until its
 * payment has failed of it. Throws VaultError.
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
