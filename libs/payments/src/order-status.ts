// What the gateway's order_status means for a payment (protocol §7). The code is the only thing branched on, never the text.
import type { Payment } from './payment.js';
import type { PaymentStatus } from './status.js';

/** A status, or why a code gives none. */
export type OrderStatusMeaning =
  | { readonly status: PaymentStatus }
  | { readonly unusable: 'unknown_code' | 'test_outcome_on_live_terminal' };

type Facts = Pick<Payment, 'mode' | 'authUrl' | 'refundedMinor' | 'amountMinor'>;

/**
 * The status that `code` stands for on this payment, where `authUrl` is the one known or just reported.
 * Test outcomes (9, 25, 26, 27) mean something on a test terminal only. Codes that belong to balances
 * (13, 14, 20, 21) or that nobody published are not guessed.
 */
export function meaningOfOrderStatus(code: string, payment: Facts): OrderStatusMeaning {
  switch (code) {
    case '0':
      return { status: payment.authUrl ? 'requiresAction' : 'processing' };
    case '1':
      return { status: 'succeeded' };
    case '2':
      return { status: 'declined' };
    case '3':
    case '7':
      return { status: statusAfterTakingBack(payment) };
    case '5':
      return { status: 'chargedBack' };
    case '8':
      return { status: 'refundPending' };
    case '10':
    case '28':
      return { status: 'blocked' };
    case '11':
      return { status: 'disputed' };
    case '22':
      return { status: 'expired' };
    case '23':
      return { status: 'cancelled' };
    case '24':
      return { status: 'failed' };
    case '9':
    case '25':
      return testOutcome('succeeded', payment);
    case '26':
      return testOutcome('declined', payment);
    case '27':
      return testOutcome(payment.authUrl ? 'requiresAction' : 'processing', payment);
    default:
      return { unusable: 'unknown_code' };
  }
}

/** Codes that say that money went back (protocol §8): for what reason they do not say. */
export function saysTakenBack(code: string): boolean {
  return code === '3' || code === '7';
}

/** 7 and 3 say that money went back, not why: it was our refund if we have one on record, else a reversal. */
function statusAfterTakingBack({ refundedMinor, amountMinor }: Facts): PaymentStatus {
  if (refundedMinor === 0n) return 'reversed';
  return refundedMinor === amountMinor ? 'refunded' : 'partiallyRefunded';
}

function testOutcome(status: PaymentStatus, { mode }: Facts): OrderStatusMeaning {
  return mode === 'test' ? { status } : { unusable: 'test_outcome_on_live_terminal' };
}
