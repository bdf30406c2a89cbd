// Encrypts a card before it leaves the process (`card_jwe`): ECDH-ES over X25519 with A256GCM, to
// the key at /.well-known/jwks.json, bound to the payment's reference.
import { CompactEncrypt, importJWK } from 'jose';
import type { components } from './api.js';
import type { PublishedKeys } from './published-keys.js';

export type Card = components['schemas']['Card'];

export class CardEncryption {
  readonly #published: PublishedKeys;

  constructor(published: PublishedKeys) {
    this.#published = published;
  }

  /** The card as a compact JWE. The API accepts it for this reference alone. */
  async encrypt(card: Card, reference: string, signal?: AbortSignal): Promise<string> {
    const jwk = (await this.#published.keys(signal)).find(({ use }) => use === 'enc');
    if (!jwk) throw new Error('The API publishes no key to encrypt cards to.');
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(card)))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: jwk.kid ?? '', sub: reference })
      .encrypt(await importJWK(jwk, 'ECDH-ES'));
  }

  /** The next card is encrypted to a key that is read again. */
  forgetKey(): void {
    this.#published.forget();
  }
}
