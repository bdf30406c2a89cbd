// Takes one callback from its address to the record: verify, decrypt, store it and have the gateway asked in one commit.
import { Injectable } from '@nestjs/common';
import { decodeCallback } from '@quittance/gateway-protocol';
import { Payments, type Terminal, Terminals } from '@quittance/persistence';
import { Clock, crashPoint } from '@quittance/platform';
import { KeySet, openSecret } from '@quittance/vault';
import { LRUCache } from 'lru-cache';
import { changeByCallback } from './callback-verdict.js';
import type { ReceivedBody } from './received-body.js';

/** What became of a callback; for metrics and the log, never for the answer. */
export type Reception = 'ignored' | 'awaiting_inquiry' | 'parked' | 'unknown_payment';

/** Terminals whose opened keys are kept in memory. */
const OPENED_MAX = 1_000;

interface TerminalKeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

@Injectable()
export class ReceiveCallback {
  readonly #opened = new LRUCache<string, TerminalKeyPair>({ max: OPENED_MAX });

  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals,
    private readonly keys: KeySet,
    private readonly clock: Clock,
  ) {}

  /** Stores a callback whose token was right. Rejects only when Postgres cannot be asked. */
  async receive(received: ReceivedBody): Promise<Reception> {
    const loaded = await this.payments.load(received.paymentId);
    const terminal =
      loaded && (await this.terminals.load(loaded.payment.terminalId, loaded.terminalVersion));
    if (!loaded || !terminal) return 'unknown_payment';
    const decoded = decodeCallback(
      received.contentType,
      received.body,
      await this.#keysOf(terminal),
    );
    const parts = { received, decoded: decoded.kind === 'callback' ? decoded : undefined };
    crashPoint('callback.before-commit');
    const written = await this.payments.apply(loaded, ({ payment }) =>
      changeByCallback(payment, terminal, parts, this.clock.now()),
    );
    crashPoint('callback.after-commit');
    return written?.callback?.verdict ?? 'ignored';
  }

  /** The same object each time, so that the codec's derived key is reused. */
  async #keysOf(terminal: Terminal): Promise<TerminalKeyPair> {
    const { sealedPrivateKey, publicKey } = terminal;
    const known = this.#opened.get(sealedPrivateKey);
    if (known?.publicKey === publicKey) return known;
    const privateKey = await openSecret(sealedPrivateKey, {
      terminalId: terminal.id,
      keys: this.keys,
    });
    const opened = { publicKey, privateKey };
    this.#opened.set(sealedPrivateKey, opened);
    return opened;
  }
}
