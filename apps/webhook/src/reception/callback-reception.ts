// Decrypts a callback and stores it together with the due time of an inquiry in one commit.
import { Injectable } from '@nestjs/common';
import { decodeCallback, type DecodedCallback } from '@quittance/gateway-protocol';
import {
  type Change,
  type LoadedPayment,
  Payments,
  type ReceivedCallback,
  type Terminal,
  Terminals,
} from '@quittance/persistence';
import { Clock, crashPoint, inSpan } from '@quittance/platform';
import { createHash } from 'node:crypto';
import { looksLikeCard } from '@quittance/cards';
import { reportOf } from '@quittance/gateway';
import { TerminalKeys } from '@quittance/modules';
import { decide, type Decision, type Payment, TO_BE_CONFIRMED } from '@quittance/payments';
import type { ReceivedBody } from '../received-body.js';

/** The results of a callback, for metrics and the log, never for the response. */
export const RECEPTION_RESULTS = [
  'ignored',
  'awaiting_inquiry',
  'parked',
  'unknown_payment',
] as const;
export type ReceptionResult = (typeof RECEPTION_RESULTS)[number];

@Injectable()
export class CallbackReception {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals,
    private readonly terminalKeys: TerminalKeys,
    private readonly clock: Clock,
  ) {}

  /** Stores a callback whose token was valid. Rejects only when Postgres is unavailable. */
  async receive(received: ReceivedBody): Promise<ReceptionResult> {
    const loaded = await this.payments.load(received.paymentId);
    const terminal =
      loaded && (await this.terminals.load(loaded.payment.terminalId, loaded.terminalVersion));
    if (!loaded || !terminal) return 'unknown_payment';
    const { traceparent = null } = loaded.payment;
    return inSpan('payment.callback', { kind: 'server', parent: traceparent }, async (span) => {
      const verdict = await this.#store(received, loaded, terminal);
      span.set({ 'quittance.payment_id': received.paymentId, 'quittance.verdict': verdict });
      return verdict;
    });
  }

  async #store(
    received: ReceivedBody,
    loaded: LoadedPayment,
    terminal: Terminal,
  ): Promise<ReceptionResult> {
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

/**
 * Returns the change that a callback makes to the payment at its address: the due time of an
 * inquiry, and the callback's row. The form of the callback makes no difference: it makes an
 * inquiry due, or it does nothing (docs/adr/0021). `decoded` is undefined when the callback could
 * not be read. The function is pure.
 */
export function changeByCallback(
  payment: Payment,
  terminal: Terminal,
  { received, decoded }: { received: ReceivedBody; decoded: DecodedCallback | undefined },
  now: Date,
): Change {
  const report = decoded ? reportOf(decoded.transaction, terminal) : null;
  const decision = decide(payment, { cause: 'callback', report }, now);
  const callback: ReceivedCallback = {
    contentSha256: createHash('sha256').update(received.body).digest(),
    isEncrypted: decoded?.encrypted ?? false,
    verdict: decoded ? verdictOf(decision) : 'parked',
    reason: decision.unmoved,
    fields: decoded ? withoutCards(decoded.fields) : {},
    receivedAt: received.receivedAt,
  };
  return { before: payment, decision, terminalName: terminal.name, callback };
}

function verdictOf({ isDisbelieved, unmoved }: Decision): ReceivedCallback['verdict'] {
  if (isDisbelieved) return 'parked';
  return unmoved === TO_BE_CONFIRMED ? 'awaiting_inquiry' : 'ignored';
}

/**
 * Drops fields that look like a card number. The rest is stored for operators as it arrived, and an
 * identifier may contain anything (PCI DSS 3.3, 3.5).
 */
function withoutCards(fields: ReceivedCallback['fields']): ReceivedCallback['fields'] {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => !looksLikeCard(text)));
}
