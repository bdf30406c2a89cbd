// What a callback that reached the right address is worth (architecture §6). Pure: what arrived and what is on record go in,
// a change comes out.
import { createHash } from 'node:crypto';
import { looksLikeCard } from '@quittance/cards';
import type { DecodedCallback } from '@quittance/gateway-protocol';
import { reportOf } from '@quittance/gateway';
import { askNow, decide, type Decision, hasBeenCharged, type Payment } from '@quittance/payments';
import type { Change, ReceivedCallback, Terminal } from '@quittance/persistence';
import type { ReceivedBody } from './received-body.js';

/** The change that a callback makes to the payment at its address. `decoded` is undefined when it could not be read. */
export function changeByCallback(
  payment: Payment,
  terminal: Terminal,
  { received, decoded }: { received: ReceivedBody; decoded: DecodedCallback | undefined },
  now: Date,
): Change {
  const { decision, verdict, reason } = weigh(payment, terminal, decoded, now);
  const callback: ReceivedCallback = {
    contentSha256: createHash('sha256').update(received.body).digest(),
    isEncrypted: decoded?.encrypted ?? false,
    verdict,
    reason,
    fields: decoded ? withoutCards(decoded.fields) : {},
    receivedAt: received.receivedAt,
  };
  return { before: payment, decision, terminalName: terminal.name, callback };
}

/** What is kept for people to read; identifiers are kept as they came, and anything may have been put into one (PCI DSS 3.3, 3.5). */
function withoutCards(fields: ReceivedCallback['fields']): ReceivedCallback['fields'] {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => !looksLikeCard(text)));
}

interface Weighed {
  readonly decision: Decision;
  readonly verdict: ReceivedCallback['verdict'];
  readonly reason: string | null;
}

function weigh(
  payment: Payment,
  terminal: Terminal,
  decoded: DecodedCallback | undefined,
  now: Date,
): Weighed {
  if (!decoded) return parked(unchanged(payment, 'unreadable'), now);
  const decision = decide(
    payment,
    { cause: 'callback', report: reportOf(decoded.transaction, terminal) },
    now,
  );
  if (decision.isDisbelieved) return parked(decision, now);
  if (!decision.move) return { decision, verdict: 'ignored', reason: decision.unmoved };
  const finishesAsSuccess = hasBeenCharged(decision.move.to) && !hasBeenCharged(payment.status);
  if (finishesAsSuccess && !decoded.encrypted && terminal.confirmPlainSuccess) {
    // Anybody who learned the address could have written it: the gateway is asked before it is believed.
    // It fits the record, so its transID is taken to ask with; the answer has to fit the record again.
    const { transId } = decision.next;
    const asked = {
      ...unchanged(payment, 'confirm_plain_success'),
      next: askNow({ ...payment, transId }, now),
    };
    return { decision: asked, verdict: 'awaiting_inquiry', reason: 'confirm_plain_success' };
  }
  return { decision, verdict: 'applied', reason: null };
}

/** Not believed: kept for people to see, and the gateway is asked what is true, if there is anything to ask about. */
function parked(decision: Decision, now: Date): Weighed {
  const { next, unmoved } = decision;
  const isAtGateway = next.status !== 'queued' && next.status !== 'submitting';
  return {
    decision: isAtGateway ? { ...decision, next: askNow(next, now) } : decision,
    verdict: 'parked',
    reason: unmoved,
  };
}

function unchanged(payment: Payment, unmoved: string): Decision {
  return {
    next: payment,
    move: null,
    unmoved,
    isDisbelieved: false,
    restoresCard: false,
    alert: null,
  };
}
