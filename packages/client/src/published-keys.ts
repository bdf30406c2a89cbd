// The public keys at /.well-known/jwks.json (RFC 7517): one to encrypt cards to, and those that
// verify the status of a returning payer.
import type { JWK } from 'jose';
import type { Transport } from './transport.js';

const PATH = '/.well-known/jwks.json';
/** The API publishes a new key some time before it retires the old one. */
const KEYS_LAST_MS = 300_000;
/** Every visitor of a shop can send it tokens of unknown keys. */
const READ_AGAIN_AFTER_MS = 10_000;

export class PublishedKeys {
  readonly #transport: Transport;
  #read: { readonly keys: readonly JWK[]; readonly at: number } | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The keys, at most five minutes old. */
  async keys(signal?: AbortSignal): Promise<readonly JWK[]> {
    if (this.#read && performance.now() - this.#read.at < KEYS_LAST_MS) return this.#read.keys;
    const { keys } = await this.#transport.json<{ keys: JWK[] }>({
      method: 'GET',
      path: PATH,
      signal,
    });
    this.#read = { keys, at: performance.now() };
    return keys;
  }

  /** The next call reads the keys again. */
  forget(): void {
    this.#read = undefined;
  }

  /** As {@link forget}, unless the keys were read a moment ago; says so by its result. */
  forgetOld(): boolean {
    const isOld = !this.#read || performance.now() - this.#read.at > READ_AGAIN_AFTER_MS;
    if (isOld) this.forget();
    return isOld;
  }
}
