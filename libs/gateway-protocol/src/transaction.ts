// The gateway's record of a payment, as create replies, status replies and callbacks all spell it
// (protocol §3.1, §5.1, §6.3). Unknown fields are left where they are.
import { parseDecimal, type Decimal } from './decimal.js';
import type { WireFields } from './wire-fields.js';
import {
  httpUrl,
  identifierText,
  maskedCardText,
  printableText,
  sentenceText,
} from './wire-text.js';

/** A transaction in the gateway's words. A field is absent when the gateway gave none, or gave it unusably. */
export interface GatewayTransaction {
  /** 1 to 19 digits, exact; beyond 2^53, so never a number. */
  readonly transId: string;
  /** The code as text (protocol §7); may be one we do not know. */
  readonly orderStatus: string;
  /** `bill_amt`: the original amount in `currency`, never a converted one. */
  readonly amount?: Decimal;
  readonly currency?: string;
  readonly reference?: string;
  /** Human text without control characters or card numbers. Nothing may branch on it. */
  readonly response?: string;
  /** `status`: human text that differs between replies for one code. Nothing may branch on it. */
  readonly statusText?: string;
  /** Always http(s). Present even when the payment is final: redirect only on codes 0 and 27. */
  readonly authUrl?: string;
  /** As sent, or the detected brand, depending on the generation. */
  readonly mop?: string;
  readonly maskedCard?: string;
  readonly descriptor?: string;
  readonly rrn?: string;
  readonly upa?: string;
  /** Gateway-local time without a zone; the fraction's meaning differs by generation. Not an instant. */
  readonly tdate?: string;
  readonly connectorStatusCode?: string;
  readonly webhookNotifyTime?: string;
}

const transIdText = /^\d{1,19}$/;
const orderStatusText = /^-?\d{1,9}$/;

/** A transID if it is one: digits only, fitting a signed 64-bit number in length. */
export function transIdOf(fields: WireFields): string | undefined {
  const transId = fields.get('transID');
  return transId !== undefined && transIdText.test(transId) ? transId : undefined;
}

/** Reads a transaction; undefined unless both a transID of digits and a numeric order_status are there. */
export function readTransaction(fields: WireFields): GatewayTransaction | undefined {
  const transId = transIdOf(fields);
  const orderStatus = fields.get('order_status');
  if (transId === undefined || orderStatus === undefined) return undefined;
  if (!orderStatusText.test(orderStatus)) return undefined;
  return { transId, orderStatus, ...readDetails(fields) };
}

type Details = Omit<GatewayTransaction, 'transId' | 'orderStatus'>;

function readDetails(fields: WireFields): Details {
  return present({
    amount: read(fields, 'bill_amt', parseDecimal),
    currency: read(fields, 'bill_currency', identifierText),
    reference: read(fields, 'reference', identifierText),
    response: read(fields, 'response', sentenceText),
    statusText: read(fields, 'status', sentenceText),
    authUrl: read(fields, 'authurl', httpUrl),
    mop: read(fields, 'mop', sentenceText),
    maskedCard: read(fields, 'ccno', maskedCardText),
    descriptor: read(fields, 'descriptor', sentenceText),
    rrn: read(fields, 'rrn', printableText),
    upa: read(fields, 'upa', printableText),
    tdate: read(fields, 'tdate', printableText),
    connectorStatusCode: read(fields, 'connector_status_code', printableText),
    webhookNotifyTime: read(fields, 'webhook_notify_time', printableText),
  });
}

function read<Value>(
  fields: WireFields,
  name: string,
  parse: (text: string) => Value | undefined,
): Value | undefined {
  const text = fields.get(name);
  return text === undefined ? undefined : parse(text);
}

/** Drops undefined members, so that absent is absent and not present with no value. */
function present(details: { [Name in keyof Details]: Details[Name] | undefined }): Details {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(details)) if (value !== undefined) kept[name] = value;
  return kept;
}
