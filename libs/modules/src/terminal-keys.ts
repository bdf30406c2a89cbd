// Decrypts the private keys of terminals, once per key instead of once per request, for the two
// processes that may read them: worker and webhook.
import { Injectable } from '@nestjs/common';
import type { Terminal } from '@quittance/persistence';
import { atMost } from '@quittance/platform';
import { KeySet, openSecret } from '@quittance/vault';
import type { WireTerminal } from '@quittance/gateway-protocol';
import { LRUCache } from 'lru-cache';

/** The size of the cache. Its keys contain every input, so a changed terminal is a new entry. */
const OPENED_MAX = 1_000;

/** The decrypted keys of terminals. */
@Injectable()
export class TerminalKeys {
  readonly #opened = new LRUCache<string, WireTerminal>(atMost(OPENED_MAX));

  constructor(private readonly keys: KeySet) {}

  /**
   * Resolves with the terminal in its wire form, the same object each time, so that the codec
   * reuses its derived key. Rejects with VaultError when the key cannot be decrypted.
   */
  async open(terminal: Terminal): Promise<WireTerminal> {
    const cacheKey = [
      terminal.id,
      terminal.number,
      terminal.sealedPrivateKey,
      terminal.publicKey,
      terminal.protocol,
      terminal.callbackEncryption,
    ].join();
    const known = this.#opened.get(cacheKey);
    if (known) return known;
    const opened: WireTerminal = {
      number: terminal.number,
      publicKey: terminal.publicKey,
      privateKey: await openSecret(terminal.sealedPrivateKey, {
        terminalId: terminal.id,
        keys: this.keys,
      }),
      protocol: terminal.protocol,
      callbacks: terminal.callbackEncryption,
    };
    this.#opened.set(cacheKey, opened);
    return opened;
  }
}
