// The meaning of the gateway's replies and callbacks. A payment changes only on what is certainly a
// statement about it; any other response to its request leaves it in doubt.
import { equalDecimals, parseDecimal } from '@quittance/gateway-protocol';
import type { GatewayFields } from '../by-hand/gateway-wire.js';
import type { Changes, Row } from './payments.js';

/** The columns that the gateway's fields are compared with. */
export type KnownPayment = Pick<Row, 'status' | 'reference' | 'amount' | 'currency' | 'trans_id'>;

/** The codes that end a payment (protocol §7). */
const FINAL: Readonly<Record<string, string>> = { 1: 'succeeded', 2: 'declined' };
const PENDING = '0';
const TRANS_ID = /^\d{1,19}$/;
/** The statuses that a callback can still end. */
const OPEN = ['submitting', 'requires_action', 'processing', 'in_doubt'];
/** The codes of undici and the system for a connection that was never open, so nothing was sent. */
const NEVER_LEFT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];
/** The others can hold a card's digits or the merchant's private key. */
const STORED_FIELDS =
  'transID order_status status bill_amt bill_currency reference tdate response'.split(' ');

function isAbout(payment: KnownPayment, { transID, reference }: GatewayFields): boolean {
  const isSame = payment.trans_id === null || payment.trans_id === transID;
  return isSame && reference === payment.reference && TRANS_ID.test(String(transID));
}

const inDoubt = (reason: string): Changes => ({ status: 'in_doubt', doubt_reason: reason });

const gatewayColumns = ({ transID, order_status, response }: GatewayFields) => ({
  trans_id: transID as string,
  order_status: order_status as string,
  gateway_response: response as string,
});

/** The effect of the reply to the create call; `fields` is `undefined` if it could not be read. */
export function onReply(
  payment: KnownPayment,
  { statusCode, fields }: { statusCode: number; fields: GatewayFields | undefined },
): Changes {
  if (statusCode !== 200) return inDoubt('http_status');
  if (typeof fields?.['transID'] !== 'string' || !isAbout(payment, fields))
    return inDoubt('unreadable_reply');
  const columns = gatewayColumns(fields);
  const auth_url = fields['authurl'] as string | undefined;
  if (columns.order_status === PENDING)
    return auth_url
      ? { ...columns, status: 'requires_action', auth_url }
      : { ...columns, status: 'processing' };
  const status = FINAL[columns.order_status];
  return { ...columns, ...(status ? { status } : inDoubt('unknown_code')) };
}

/**
 * The effect of a call that failed: queued again, with the card that is still at hand, if the
 * request provably never left; otherwise in doubt.
 */
export function onFailure(error: { readonly code?: string }, sealed_card: string | null): Changes {
  const hasNeverLeft = NEVER_LEFT.includes(error.code ?? '');
  return hasNeverLeft ? { status: 'queued', sealed_card } : inDoubt('no_reply');
}

/** True when a callback with the right address is about this payment and its money. */
export function isBelieved(payment: KnownPayment, fields: GatewayFields): boolean {
  const [said, own] = [fields['bill_amt'], payment.amount].map((text) =>
    parseDecimal(String(text)),
  );
  const isSameMoney = said !== undefined && own !== undefined && equalDecimals(said, own);
  return isAbout(payment, fields) && isSameMoney && fields['bill_currency'] === payment.currency;
}

/** The effect of a believed callback; `undefined` if it says nothing new. */
export function onCallback(payment: KnownPayment, fields: GatewayFields): Changes | undefined {
  const status = FINAL[String(fields['order_status'])];
  if (status === undefined || !OPEN.includes(payment.status)) return undefined;
  return { ...gatewayColumns(fields), status, doubt_reason: null };
}

/** The fields of a callback that are stored. */
export function storedFields(fields: GatewayFields): Record<string, unknown> {
  const stored = STORED_FIELDS.filter((name) => name in fields);
  return Object.fromEntries(stored.map((name) => [name, fields[name]]));
}
