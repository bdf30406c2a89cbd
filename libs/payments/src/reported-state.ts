// What the state that the gateway reports means for a payment (protocol §7).
import type { ReportedState } from './evidence.js';
import type { Payment } from './payment.js';
import type { PaymentStatus } from './status.js';

/** A status, or why a state gives none. */
export type StateMeaning =
  | { readonly status: PaymentStatus }
  | { readonly unusable: 'unknown_code' | 'test_outcome_on_live_terminal' };

type Facts = Pick<Payment, 'mode' | 'authUrl' | 'refundedMinor' | 'amountMinor'>;

/**
 * The status that `state` stands for on this payment, where `authUrl` is the one known or just
 * reported. Test outcomes mean something on a test terminal only; what is unknown is not guessed.
 */
export function meaningOfState(state: ReportedState, payment: Facts): StateMeaning {
  switch (state) {
    case 'pending':
      return { status: payment.authUrl ? 'requiresAction' : 'processing' };
    case 'approved':
      return { status: 'succeeded' };
    case 'takenBack':
      return { status: statusAfterTakingBack(payment) };
    case 'declined':
    case 'blocked':
    case 'failed':
    case 'expired':
    case 'cancelled':
    case 'refundPending':
    case 'chargedBack':
    case 'disputed':
      return { status: state };
    case 'testPending':
      return testOutcome(payment.authUrl ? 'requiresAction' : 'processing', payment);
    case 'testApproved':
      return testOutcome('succeeded', payment);
    case 'testDeclined':
      return testOutcome('declined', payment);
    case 'unknown':
      return { unusable: 'unknown_code' };
  }
}

/**
 * The gateway says that money went back, not why: it was our refund if one is on record, else a
 * reversal.
 */
function statusAfterTakingBack({ refundedMinor, amountMinor }: Facts): PaymentStatus {
  if (refundedMinor === 0n) return 'reversed';
  return refundedMinor === amountMinor ? 'refunded' : 'partiallyRefunded';
}

function testOutcome(status: PaymentStatus, { mode }: Facts): StateMeaning {
  return mode === 'test' ? { status } : { unusable: 'test_outcome_on_live_terminal' };
}
