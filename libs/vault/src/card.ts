// Card data at rest: sealed by the process that reads the request, opened only by the one that
// sends it on. The payment id is part of what is authenticated, so a sealed card moved to another
// payment does not open.
import { CardSecret } from './card-secret.js';
import { activeKey, type KeySet } from './key-set.js';
import { open, seal } from './jwe.js';
import { VaultError } from './vault-error.js';

/** A payment card. All digits; `expYear` has two, as the gateway takes it. */
export interface Card {
  readonly number: CardSecret;
  readonly cvv: CardSecret;
  readonly expMonth: string;
  readonly expYear: string;
}

/** Whose card it is, and the keys of this process. */
export interface CardContext {
  readonly paymentId: string;
  readonly keys: KeySet;
}

/** `typ` of a card that we sealed. */
export const TYP = 'quittance-card';

/**
 * Seals a card for one payment: a compact JWE. Throws KeySetError when the process has no cards
 * key.
 */
export async function sealCard(card: Card, { paymentId, keys }: CardContext): Promise<string> {
  const { expMonth, expYear } = card;
  const number = card.number.cardInClear();
  const cvv = card.cvv.cardInClear();
  const plaintext = JSON.stringify({ number, cvv, expMonth, expYear });
  return seal(plaintext, activeKey(keys.cards, 'cards'), { typ: TYP, sub: paymentId });
}

/**
 * Opens a card sealed for this payment, with the key it names, active or retired. Throws {@link
 * VaultError}.
 */
export async function openCard(jwe: string, { paymentId, keys }: CardContext): Promise<Card> {
  return parseCard(await open(jwe, keys.cards, { typ: TYP, sub: paymentId }));
}

function parseCard(plaintext: Buffer): Card {
  try {
    const { number, cvv, expMonth, expYear } = JSON.parse(plaintext.toString()) as Record<
      string,
      unknown
    >;
    if (isText(number) && isText(cvv) && isText(expMonth) && isText(expYear))
      return { number: new CardSecret(number), cvv: new CardSecret(cvv), expMonth, expYear };
  } catch {
    // The parser's own error quotes the text, which is a card.
  }
  throw new VaultError();
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
