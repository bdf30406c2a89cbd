// Opens terminals' private keys, once per key and not once per payment.
import { Injectable } from '@nestjs/common';
import type { Terminal } from '@quittance/persistence';
import { KeySet, openSecret } from '@quittance/vault';
import type { WireTerminal } from '@quittance/gateway-protocol';
import { LRUCache } from 'lru-cache';

/** Terminals whose opened keys are kept in memory, under everything they were made from: one that has changed is another one. */
const OPENED_MAX = 1_000;

@Injectable()
export class TerminalKeys {
  readonly #opened = new LRUCache<string, WireTerminal>({ max: OPENED_MAX });

  constructor(private readonly keys: KeySet) {}

  /** The terminal as the wire needs it. The same object each time, so that the codec's derived key is reused. Throws VaultError. */
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
