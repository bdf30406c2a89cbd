// The meaning of the gateway's replies and callbacks. A payment changes only on what is certainly a
// statement about it; any other response to its request leaves it in doubt.
import {
  decodeCreateReply,
  equalDecimals,
  type GatewayTransaction,
  type HttpReply,
  parseDecimal,
} from '@quittance/gateway-protocol';
import type { Changes, Row } from './payments.js';

/** The columns that a transaction is compared with. */
export type KnownPayment = Pick<Row, 'status' | 'reference' | 'amount' | 'currency' | 'trans_id'>;

/** The codes that end a payment (protocol §7). */
const FINAL: Readonly<Record<string, string>> = { 1: 'succeeded', 2: 'declined' };
const PENDING = '0';
/** The statuses that a callback can still end. */
const OPEN = ['submitting', 'requires_action', 'processing', 'in_doubt'];
/** The codes of undici and the system for a connection that was never open, so nothing was sent. */
const NEVER_LEFT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

const inDoubt = (doubt_reason: string): Changes => ({ status: 'in_doubt', doubt_reason });

const gatewayColumns = ({ transId, orderStatus, response }: GatewayTransaction) => ({
  trans_id: transId,
  order_status: orderStatus,
  gateway_response: response ?? null,
});

/** True when the transaction is about this payment and its money. */
export function isAbout(payment: KnownPayment, transaction: GatewayTransaction): boolean {
  const { transId, reference, amount, currency } = transaction;
  if (payment.trans_id !== null && payment.trans_id !== transId) return false;
  if (payment.reference !== reference || payment.currency !== currency) return false;
  const own = parseDecimal(payment.amount);
  return amount !== undefined && own !== undefined && equalDecimals(amount, own);
}

/** The effect of the reply to the create call. */
export function onReply(payment: KnownPayment, reply: HttpReply): Changes {
  const decoded = decodeCreateReply(reply);
  if (decoded.kind !== 'transaction') return inDoubt(decoded.kind);
  const { transaction } = decoded;
  if (!isAbout(payment, transaction)) return inDoubt('other_transaction');
  const { orderStatus, authUrl: auth_url = null } = transaction;
  const pending = auth_url ? 'requires_action' : 'processing';
  const status = orderStatus === PENDING ? pending : FINAL[orderStatus];
  const known = status ? { status, auth_url } : inDoubt('unknown_code');
  return { ...gatewayColumns(transaction), ...known };
}

/** The effect of a call without a reply: queued again if the request provably never left. */
export function onFailure(error: { readonly code?: string }, sealed_card: string | null): Changes {
  const hasNeverLeft = NEVER_LEFT.includes(error.code ?? '');
  return hasNeverLeft ? { status: 'queued', sealed_card } : inDoubt('no_reply');
}

/** The effect of a callback about the payment; `undefined` if it says nothing new. */
export function onCallback(status: string, transaction: GatewayTransaction): Changes | undefined {
  const end = FINAL[transaction.orderStatus];
  if (end === undefined || !OPEN.includes(status)) return undefined;
  return { ...gatewayColumns(transaction), status: end, doubt_reason: null };
}
