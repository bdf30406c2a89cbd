// Encrypts card data at rest. The API encrypts a card when it reads the request, and only the
// worker decrypts it. The payment id is authenticated with the card, so an encrypted card does not
// decrypt for another payment.
import { CardSecret } from './card-secret.js';
import { activeKey, type KeySet } from './key-set.js';
import { open, seal } from './jwe.js';
import type { SealingSession } from './sealing-session.js';
import { VaultError } from './vault-error.js';

/** A payment card, all digits; `expYear` has two, as the gateway expects. */
export interface Card {
  readonly number: CardSecret;
  readonly cvv: CardSecret;
  readonly expMonth: string;
  readonly expYear: string;
}

/** The payment of the card, and the keys of this process. */
export interface CardContext {
  readonly paymentId: string;
  readonly keys: KeySet;
  /** Encrypts with the key agreement of this session, instead of one of its own. */
  readonly session?: SealingSession | undefined;
}

/** The `typ` of a card that we encrypted. */
export const TYP = 'quittance-card';

/**
 * Encrypts a card for one payment as a compact JWE. Throws KeySetError when the process has no
 * cards key.
 */
export async function sealCard(card: Card, context: CardContext): Promise<string> {
  const { paymentId, keys, session } = context;
  const { expMonth, expYear } = card;
  const number = card.number.cardInClear();
  const cvv = card.cvv.cardInClear();
  const plaintext = JSON.stringify({ number, cvv, expMonth, expYear });
  const binding = { typ: TYP, sub: paymentId };
  return seal(plaintext, activeKey(keys.cards, 'cards'), binding, { session });
}

/**
 * Decrypts a card of this payment with the key that it names, active or retired. Throws {@link
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
    // The parser's error quotes the text, which is a card.
  }
  throw new VaultError();
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
