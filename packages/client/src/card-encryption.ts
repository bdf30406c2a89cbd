// Encrypts a card before it leaves the process (`card_jwe`): ECDH-ES over X25519 with A256GCM, to
// the key at /.well-known/jwks.json, bound to the payment's reference.
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import type { components } from './api.js';
import type { Transport } from './transport.js';

export type Card = components['schemas']['Card'];

/** The API publishes a new key some time before it retires the old one. */
const KEY_LASTS_MS = 300_000;

export class CardEncryption {
  readonly #transport: Transport;
  #key: { readonly jwk: JWK; readonly until: number } | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The card as a compact JWE. The API accepts it for this reference alone. */
  async encrypt(card: Card, reference: string, signal?: AbortSignal): Promise<string> {
    const jwk = await this.#publicKey(signal);
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(card)))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: jwk.kid ?? '', sub: reference })
      .encrypt(await importJWK(jwk, 'ECDH-ES'));
  }

  /** The next card is encrypted to a key that is read again. */
  forgetKey(): void {
    this.#key = undefined;
  }

  async #publicKey(signal: AbortSignal | undefined): Promise<JWK> {
    if (this.#key && this.#key.until > performance.now()) return this.#key.jwk;
    const path = '/.well-known/jwks.json';
    const { keys } = await this.#transport.json<{ keys: JWK[] }>({ method: 'GET', path, signal });
    const [jwk] = keys;
    if (!jwk) throw new Error('The API publishes no key to encrypt cards to.');
    this.#key = { jwk, until: performance.now() + KEY_LASTS_MS };
    return jwk;
  }
}
