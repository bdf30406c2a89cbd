// What the gateway's words mean for a payment. Only what is surely its word about this payment
// moves anything; whatever else answers a request leaves it in doubt.
import type { GatewayFields } from '../by-hand/gateway-wire.js';
import type { Changes, Row } from './payment.js';

/** The columns that the gateway's words are compared with. */
export type KnownPayment = Pick<Row, 'status' | 'reference' | 'amount' | 'currency' | 'trans_id'>;

/** The codes that end a payment (protocol §7). */
const FINAL: Readonly<Record<string, string>> = { 1: 'succeeded', 2: 'declined' };
const PENDING = '0';
const TRANS_ID = /^\d{1,19}$/;
/** Where a payment can still be ended by a callback. */
const OPEN = ['submitting', 'requires_action', 'processing', 'in_doubt'];

/** undici's and the system's words for: no connection ever stood, so nothing was sent. */
const NEVER_LEFT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

/**
 * Fields of a callback that may be stored; the rest can hold a card's digits or the merchant's
 * private key.
 */
const STORED_FIELDS = [
  'transID',
  'order_status',
  'status',
  'bill_amt',
  'bill_currency',
  'reference',
  'tdate',
  'response',
];

/**
 * Cents of a decimal in the gateway's spelling, `130.0` or `130.00`; `undefined` for anything else.
 */
function minorUnits(text: unknown): number | undefined {
  const [, whole, fraction = ''] = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(String(text)) ?? [];
  return whole === undefined ? undefined : Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

function isAbout(payment: KnownPayment, fields: GatewayFields): boolean {
  const { transID, reference } = fields;
  const isSame = payment.trans_id === null || payment.trans_id === transID;
  return isSame && reference === payment.reference && TRANS_ID.test(String(transID));
}

const inDoubt = (reason: string): Changes => ({ status: 'in_doubt', doubt_reason: reason });

function wordsOf({ transID, order_status, response }: GatewayFields) {
  return {
    trans_id: transID as string,
    order_status: order_status as string,
    gateway_response: response as string,
  };
}

/**
 * What the reply to the create call makes of a payment; `fields` is `undefined` when it could not
 * be read.
 */
export function onReply(
  payment: KnownPayment,
  {
    statusCode,
    fields,
  }: { readonly statusCode: number; readonly fields: GatewayFields | undefined },
): Changes {
  if (statusCode !== 200) return inDoubt('http_status');
  if (typeof fields?.['transID'] !== 'string' || !isAbout(payment, fields))
    return inDoubt('unreadable_reply');
  const words = wordsOf(fields);
  if (words.order_status === PENDING) {
    const authUrl = fields['authurl'];
    if (!authUrl) return { ...words, status: 'processing' };
    return { ...words, status: 'requires_action', auth_url: authUrl as string };
  }
  const status = FINAL[words.order_status];
  return status ? { ...words, status } : { ...words, ...inDoubt('unknown_code') };
}

/**
 * What a failed call makes of it: queued again where it provably never left, else in doubt. The
 * sealed card is still at hand.
 */
export function onFailure(error: { readonly code?: string }, sealedCard: string | null): Changes {
  if (NEVER_LEFT.includes(error.code ?? '')) return { status: 'queued', sealed_card: sealedCard };
  return inDoubt('no_reply');
}

/** Whether a callback is about this payment and its money; its address has been checked before. */
export function isBelieved(payment: KnownPayment, fields: GatewayFields): boolean {
  const isSameMoney = minorUnits(fields['bill_amt']) === minorUnits(payment.amount);
  return isAbout(payment, fields) && isSameMoney && fields['bill_currency'] === payment.currency;
}

/** The columns that a believed callback changes; `undefined` when it has nothing new to say. */
export function onCallback(payment: KnownPayment, fields: GatewayFields): Changes | undefined {
  const status = FINAL[String(fields['order_status'])];
  if (status === undefined || !OPEN.includes(payment.status)) return undefined;
  return { ...wordsOf(fields), status, doubt_reason: null };
}

/** The fields of a callback that are stored. */
export function storedFields(fields: GatewayFields): Record<string, unknown> {
  return Object.fromEntries(
    STORED_FIELDS.filter((name) => name in fields).map((name) => [name, fields[name]]),
  );
}
