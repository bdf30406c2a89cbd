// One word for a decision, so that a matrix cell can state it: the abbreviation of the new status,
// or the reason why nothing moved.
import type { Decision } from '../src/decision.js';
import type { PaymentStatus } from '../src/status.js';

/** The two letters of each status in the matrices. */
const LETTERS: Record<PaymentStatus, string> = {
  queued: 'qu',
  submitting: 'su',
  requiresAction: 'ra',
  processing: 'pr',
  inDoubt: 'id',
  succeeded: 'ok',
  declined: 'de',
  blocked: 'bl',
  failed: 'fa',
  expired: 'ex',
  cancelled: 'ca',
  refundPending: 'rp',
  refunded: 'rf',
  partiallyRefunded: 'pf',
  reversed: 'rv',
  chargedBack: 'cb',
  disputed: 'di',
};

/**
 * Returns `ok` for a transition to succeeded, `no_such_move` for none; `!alert` follows for an
 * alert, `(flag)` for a new flag.
 */
export function outcomeWord({ next, move, unmoved, alert }: Decision): string {
  const word = move ? LETTERS[move.to] : String(unmoved);
  const flags = next.flags.length > 0 ? `(${next.flags.join()})` : '';
  return `${word}${flags}${alert ? `!${alert}` : ''}`;
}
