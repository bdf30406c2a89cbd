// Translates the state that the gateway reports into a payment status (protocol §7).
import type { ReportedState } from './evidence.js';
import type { Payment } from './payment.js';
import type { PaymentStatus } from './status.js';

/** A status, or the reason why a state gives none. */
export type StateMeaning =
  | { readonly status: PaymentStatus }
  | { readonly unusable: 'unknown_code' | 'test_outcome_on_live_terminal' };

type Facts = Pick<Payment, 'mode' | 'authUrl' | 'refundedMinor' | 'amountMinor'>;

/**
 * Returns the status that `state` stands for on this payment; `authUrl` is the one known or just
 * reported. Test outcomes count on a test terminal only. An unknown state is not guessed.
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
 * Distinguishes a refund from a reversal. The gateway says that money went back, not why: a refund
 * of ours on record explains it; otherwise it is a reversal.
 */
function statusAfterTakingBack({ refundedMinor, amountMinor }: Facts): PaymentStatus {
  if (refundedMinor === 0n) return 'reversed';
  return refundedMinor === amountMinor ? 'refunded' : 'partiallyRefunded';
}

function testOutcome(status: PaymentStatus, { mode }: Facts): StateMeaning {
  return mode === 'test' ? { status } : { unusable: 'test_outcome_on_live_terminal' };
}
