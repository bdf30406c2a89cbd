// What a report that does not fit makes of a payment: nothing of it is taken over, and a doubt says what it was.
import type { Mismatch } from './belief.js';
import type { Alert, Decision } from './decision.js';
import { disbelieve, move } from './decision.js';
import type { Payment } from './payment.js';

/** The ways in which the gateway speaks of a transaction. */
export type ReportCause = 'reply' | 'inquiry';

/** A report that does not fit, as far as it still matters. */
export interface Disbelieved {
  readonly difference: Mismatch;
  readonly cause: ReportCause;
  /** To ask about, where the transaction is the payment's own all the same. */
  readonly transId: string | null;
  readonly gatewayCode: string;
}

/** Changes nothing but a doubt: the reply to our own request begins one, and what we asked for ourselves says why it lasts. */
export function disbelieveReport(
  payment: Payment,
  { difference, cause, transId, gatewayCode }: Disbelieved,
  now: Date,
): Decision {
  const alert = alertOf(difference);
  if (cause === 'reply' && payment.status === 'submitting') {
    // The gateway answered our own request with something that is not what we asked for: it may have charged anything.
    const doubt = { to: 'inDoubt', cause, doubtReason: difference } as const;
    const change = { ...doubt, transId: payment.transId ?? transId, gatewayCode, alert };
    return { ...move(payment, change, now), isDisbelieved: true };
  }
  const isInDoubt = payment.status === 'inDoubt';
  const next = isInDoubt ? { ...payment, doubtReason: difference, updatedAt: now } : payment;
  return { ...disbelieve(next, difference), alert };
}

/** What a person is called for; a transaction with two payments is worse than a report that is about nothing of ours. */
export function alertOf(difference: Mismatch): Alert {
  return difference === 'transaction_of_another_payment' ? difference : 'report_mismatch';
}
