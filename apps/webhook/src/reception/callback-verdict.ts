// What a callback that reached the right address is kept as. Pure: what arrived and what is on record go in, a change comes out. In
// what form it came makes no difference: it has the gateway asked, or it does nothing (docs/adr/0021).
import { createHash } from 'node:crypto';
import { looksLikeCard } from '@quittance/cards';
import type { DecodedCallback } from '@quittance/gateway-protocol';
import { reportOf } from '@quittance/gateway';
import { decide, type Decision, type Payment, TO_BE_CONFIRMED } from '@quittance/payments';
import type { Change, ReceivedCallback, Terminal } from '@quittance/persistence';
import type { ReceivedBody } from '../received-body.js';

/**
 * The change that a callback makes to the payment at its address: the due time of a question, and the row of the callback. `decoded` is
 * undefined when it could not be read.
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

/** What is kept for people to read; identifiers are kept as they came, and anything may have been put into one (PCI DSS 3.3, 3.5). */
function withoutCards(fields: ReceivedCallback['fields']): ReceivedCallback['fields'] {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => !looksLikeCard(text)));
}
