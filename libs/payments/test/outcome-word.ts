// One word for what a decision did, so that a matrix cell can state it: the abbreviation of the
// status moved to, or a sign for why nothing moved.
import type { Decision } from '../src/decision.js';
import type { PaymentStatus } from '../src/status.js';

/** The two letters under which the matrices know a status. */
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
 * `ok` moved to succeeded, `no_such_move` stayed; `!alert` follows when somebody is called,
 * `(flag)` when one was added.
 */
export function outcomeWord({ next, move, unmoved, alert }: Decision): string {
  const word = move ? LETTERS[move.to] : String(unmoved);
  const flags = next.flags.length > 0 ? `(${next.flags.join()})` : '';
  return `${word}${flags}${alert ? `!${alert}` : ''}`;
}
