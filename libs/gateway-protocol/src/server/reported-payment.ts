// Writes a payment as the gateway writes it to a merchant: the reply of the create call, the
// read-only status and the callback (protocol §3.1, §5.1, §6). The form is that of the published
// reference. Members that only the gateway knows have the text that it sends for "none".
import { encryptAes256, type Aes256Keys } from '../aes256.js';
import { findOrderStatus } from '../order-status.js';
import { javaDoubleText } from './java-double.js';

/** The facts of a payment in the names of the public contract, of which a payment intent is one. */
export interface PaymentFacts {
  readonly reference: string;
  /** A plain decimal in major units, "11.11". */
  readonly amount: string;
  readonly currency: string;
  readonly method: string;
  readonly status: string;
  readonly card: { readonly brand: string; readonly first6: string; readonly last4: string } | null;
  readonly gateway: {
    readonly trans_id: string;
    readonly order_status: string | null;
    readonly response: string | null;
  } | null;
  readonly created_at: string;
}

/** The facts that the gateway's texts consist of. */
export interface ReportedPayment extends PaymentFacts {
  /** The gateway's id. */
  readonly transId: string;
  /** The code as text (protocol §7). */
  readonly orderStatus: string;
}

/**
 * The codes of each end, the usual one first. An end that the gateway has not reported, such as one
 * that an operator set, gets the usual code.
 */
const CODES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  succeeded: ['1', '25', '9'],
  declined: ['2', '26'],
  blocked: ['10', '28'],
  failed: ['24'],
  expired: ['22'],
  cancelled: ['23'],
};

/** Returns the payment as the gateway reports it; `undefined` while its transaction is unknown. */
export function reportedPayment(facts: PaymentFacts): ReportedPayment | undefined {
  if (facts.gateway === null) return undefined;
  const { trans_id: transId, order_status: code } = facts.gateway;
  const codes = CODES[facts.status];
  const orderStatus = codes && !codes.includes(code ?? '') ? codes[0] : (code ?? '0');
  return { ...facts, transId, orderStatus };
}

/** Flat JSON, as every reply and callback of the gateway is. */
export type ReportedFields = Readonly<Record<string, string | null>>;

/** Returns the reply of the create call. `apiUrl` ends in `/api/`. */
export function createReplyOf(payment: ReportedPayment, apiUrl: string): ReportedFields {
  const { transId, orderStatus } = payment;
  return {
    authurl: `${apiUrl}authurl/${transId}`,
    ...commonFields(payment),
    status: findOrderStatus(orderStatus)?.engineText ?? UNKNOWN_TEXT,
    upa: 'null',
    authstatus: `${apiUrl}authurl/s2s/${transId}`,
  };
}

/** Returns the reply of the read-only status; `authurl` only while the payer may act. */
export function statusReplyOf(payment: ReportedPayment, apiUrl: string): ReportedFields {
  const { transId, orderStatus } = payment;
  const row = findOrderStatus(orderStatus);
  return {
    ...commonFields(payment),
    status: row?.lookUpText ?? row?.serviceText ?? UNKNOWN_TEXT,
    descriptor: null,
    upa: null,
    ...(awaitsPayer(orderStatus) && { authurl: `${apiUrl}authurl/${transId}` }),
  };
}

/** Returns the fields of a plain callback (protocol §6.3). */
export function callbackOf(payment: ReportedPayment, notifiedAt: Date): ReportedFields {
  return {
    ...commonFields(payment),
    status: findOrderStatus(payment.orderStatus)?.serviceText ?? UNKNOWN_TEXT,
    descriptor: null,
    upa: null,
    webhook_notify_time: timeText(notifiedAt),
  };
}

/** The fields of an encrypted callback in the order of the published sample. */
const PUBLISHED = [
  'bill_currency',
  'transID',
  'mop',
  'ccno',
  'reference',
  'order_status',
  'bill_amt',
  'status',
] as const;

/**
 * Returns the body of an encrypted callback as the reference publishes it: a query string whose
 * values are not encoded (protocol §6.4). It lacks the member `private_key`, in which the gateway
 * sends the key in clear.
 */
export function encryptedCallbackOf(
  payment: ReportedPayment,
  notifiedAt: Date,
  keys: Aes256Keys,
): ReportedFields {
  const fields = callbackOf(payment, notifiedAt);
  const text = PUBLISHED.filter((name) => name in fields)
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  return { public_key: keys.publicKey, data: encryptAes256(text, keys) };
}

/** True while the payer has to act: with the codes 0 and 27 (protocol §4.2). */
function awaitsPayer(orderStatus: string): boolean {
  return orderStatus === '0' || orderStatus === '27';
}

/** The gateway's text for a code that its tables lack. */
const UNKNOWN_TEXT = 'Pending';
/** The default text of a reply (protocol §3.1). */
const NO_RESPONSE = 'Payment is pending';

function commonFields(payment: ReportedPayment): ReportedFields {
  const { card } = payment;
  return {
    transID: payment.transId,
    reference: payment.reference,
    order_status: payment.orderStatus,
    bill_amt: javaDoubleText(Number(payment.amount)),
    bill_currency: payment.currency,
    response: payment.gateway?.response ?? NO_RESPONSE,
    tdate: timeText(new Date(payment.created_at)),
    mop: card ? (BRANDS[card.brand] ?? 'Unknown') : payment.method,
    ...(card && { ccno: `${card.first6}${MASK}${card.last4}` }),
    rrn: null,
  };
}

/** The length of the number is not stored, so every mask has the six places of 16 digits. */
const MASK = 'XXXXXX';

/** The gateway's names of the brands (protocol §10). */
const BRANDS: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'Amex',
  diners: 'Diners',
  jcb: 'JCB',
  rupay: 'RuPay',
};

/**
 * Returns `yyyy-MM-dd HH:mm:ss.ffffff` in UTC. The fraction is zero-padded milliseconds, as in the
 * published reference (protocol §3.1).
 */
function timeText(at: Date): string {
  const [day = '', time = ''] = at.toISOString().split('T');
  return `${day} ${time.slice(0, 8)}.${time.slice(9, 12).padStart(6, '0')}`;
}
