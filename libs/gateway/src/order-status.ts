// What the gateway's order_status codes say of a transaction (protocol §7), in the words of
// libs/payments. The code is the only thing branched on, never the text beside it.
import { type OrderStatusName, orderStatusName } from '@quittance/gateway-protocol';
import type { ReportedState } from '@quittance/payments';

/** Every code of the protocol. Those that belong to balances say nothing of a payment. */
const STATES: Readonly<Record<OrderStatusName, ReportedState>> = {
  pending: 'pending',
  approved: 'approved',
  declined: 'declined',
  refunded: 'takenBack',
  chargeback: 'chargedBack',
  reversed: 'takenBack',
  refundPending: 'refundPending',
  test: 'testApproved',
  blocked: 'blocked',
  predispute: 'disputed',
  partialRefund: 'unknown',
  withdrawRequested: 'unknown',
  withdrawRolling: 'unknown',
  frozenBalance: 'unknown',
  frozenRolling: 'unknown',
  expired: 'expired',
  cancelled: 'cancelled',
  failed: 'failed',
  testApproved: 'testApproved',
  testDeclined: 'testDeclined',
  test3ds: 'testPending',
  blockedRegulatory: 'blocked',
};

/**
 * The state that a code stands for; `unknown` for a code that nobody published: it is not guessed.
 */
export function stateOfCode(code: string): ReportedState {
  const name = orderStatusName(code);
  return name === undefined ? 'unknown' : STATES[name];
}
