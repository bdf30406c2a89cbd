// Decrypts one callback, and stores it together with the due time of an inquiry in one commit.
import { Injectable } from '@nestjs/common';
import { decodeCallback } from '@quittance/gateway-protocol';
import { TerminalKeys } from '@quittance/modules';
import { Payments, Terminals } from '@quittance/persistence';
import { Clock, crashPoint } from '@quittance/platform';
import { changeByCallback } from './callback-verdict.js';
import type { ReceivedBody } from '../received-body.js';

/** What became of a callback; for metrics and the log, never for the answer. */
export type Reception = 'ignored' | 'awaiting_inquiry' | 'parked' | 'unknown_payment';

@Injectable()
export class ReceiveCallback {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals,
    private readonly terminalKeys: TerminalKeys,
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
      await this.terminalKeys.open(terminal),
    );
    const parts = { received, decoded: decoded.kind === 'callback' ? decoded : undefined };
    crashPoint('callback.before-commit');
    const written = await this.payments.apply(loaded, ({ payment }) =>
      changeByCallback(payment, terminal, parts, this.clock.now()),
    );
    crashPoint('callback.after-commit');
    return written?.callback?.verdict ?? 'ignored';
  }
}
