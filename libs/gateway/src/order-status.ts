// Translates the gateway's order_status codes (protocol §7) into the states of libs/payments. Only
// the code decides, never the text beside it.
import { type OrderStatusName, orderStatusName } from '@quittance/gateway-protocol';
import type { ReportedState } from '@quittance/payments';

/** Every code of the protocol. Codes about balances say nothing about a payment. */
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
 * Returns the state for a code, and `unknown` for an unlisted code, whose meaning is not guessed.
 */
export function stateOfCode(code: string): ReportedState {
  const name = orderStatusName(code);
  return name === undefined ? 'unknown' : STATES[name];
}
