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
  terminalNumberText,
} from './wire-text.js';

/**
 * What decides whether a transaction is a payment's, or what becomes of the payment; by the names
 * of the domain.
 */
export type TellingField = 'reference' | 'amount' | 'currency' | 'terminal' | 'card' | 'authurl';

/**
 * A transaction in the gateway's words. A field is absent when the gateway gave none, or gave it
 * unusably; of the telling ones, `unreadable` says which it was.
 */
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
  /**
   * Gateway-local time without a zone; the fraction's meaning differs by generation. Not an
   * instant.
   */
  readonly tdate?: string;
  readonly connectorStatusCode?: string;
  readonly webhookNotifyTime?: string;
  /** `terno` or `terNO`: the terminal's number, without leading zeros. */
  readonly terminal?: string;
  /** Telling fields that are there and cannot be read. */
  readonly unreadable: readonly TellingField[];
}

const TRANS_ID_TEXT = /^\d{1,19}$/;
const ORDER_STATUS_TEXT = /^-?\d{1,9}$/;

/** A transID if it is one: digits only, fitting a signed 64-bit number in length. */
export function transIdOf(fields: WireFields): string | undefined {
  const transId = fields.get('transID');
  return transId !== undefined && TRANS_ID_TEXT.test(transId) ? transId : undefined;
}

/**
 * Reads a transaction; undefined unless both a transID of digits and a numeric order_status are
 * there.
 */
export function readTransaction(fields: WireFields): GatewayTransaction | undefined {
  const transId = transIdOf(fields);
  const orderStatus = fields.get('order_status');
  if (transId === undefined || orderStatus === undefined) return undefined;
  if (!ORDER_STATUS_TEXT.test(orderStatus)) return undefined;
  return { transId, orderStatus, ...readDetails(fields) };
}

type Details = Omit<GatewayTransaction, 'transId' | 'orderStatus'>;

interface TellingValues {
  readonly reference: string;
  readonly amount: Decimal;
  readonly currency: string;
  readonly terminal: string;
  readonly card: string;
  readonly authurl: string;
}

interface Telling<Value> {
  /** Every spelling of its name. */
  readonly names: readonly string[];
  /** What one generation sends where it has nothing to say. */
  readonly none?: string;
  readonly parse: (text: string) => Value | undefined;
}

/**
 * The fields that something depends on. All others are for people to read, and may be missing, odd
 * or nested.
 */
const TELLING: { readonly [Field in TellingField]: Telling<TellingValues[Field]> } = {
  reference: { names: ['reference'], parse: identifierText },
  amount: { names: ['bill_amt'], parse: parseDecimal },
  currency: { names: ['bill_currency'], parse: identifierText },
  terminal: { names: ['terno', 'terNO'], parse: terminalNumberText },
  // The reactive server stores no digits of a card at all (protocol §6.3).
  card: { names: ['ccno'], none: 'Invalid Card', parse: maskedCardText },
  authurl: { names: ['authurl'], parse: httpUrl },
};

function readDetails(fields: WireFields): Details {
  const unreadable: TellingField[] = [];
  const tell = <Field extends TellingField>(field: Field) => tellingOf(fields, field, unreadable);
  return present({
    reference: tell('reference'),
    amount: tell('amount'),
    currency: tell('currency'),
    terminal: tell('terminal'),
    maskedCard: tell('card'),
    authUrl: tell('authurl'),
    unreadable,
    response: shown(fields, 'response', sentenceText),
    statusText: shown(fields, 'status', sentenceText),
    mop: shown(fields, 'mop', sentenceText),
    descriptor: shown(fields, 'descriptor', sentenceText),
    rrn: shown(fields, 'rrn', printableText),
    upa: shown(fields, 'upa', printableText),
    tdate: shown(fields, 'tdate', printableText),
    connectorStatusCode: shown(fields, 'connector_status_code', printableText),
    webhookNotifyTime: shown(fields, 'webhook_notify_time', printableText),
  });
}

/**
 * Two spellings of one name that say different things are as unreadable as a text that says
 * nothing.
 */
function tellingOf<Field extends TellingField>(
  fields: WireFields,
  field: Field,
  unreadable: TellingField[],
): TellingValues[Field] | undefined {
  const { names, none, parse }: Telling<TellingValues[Field]> = TELLING[field];
  const values = new Set<TellingValues[Field] | undefined>();
  for (const name of names) {
    const text = fields.get(name);
    if (text !== undefined && text !== none) values.add(parse(text));
  }
  const [value] = values;
  if (values.size > 1 || (values.size === 1 && value === undefined)) {
    unreadable.push(field);
    return undefined;
  }
  return value;
}

/** A text for people; nothing where cleaning left nothing of it. */
function shown(
  fields: WireFields,
  name: string,
  clean: (text: string) => string,
): string | undefined {
  const text = fields.get(name);
  return text === undefined ? undefined : clean(text) || undefined;
}

/** Drops undefined members, so that absent is absent and not present with no value. */
function present(details: { [Name in keyof Details]: Details[Name] | undefined }): Details {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(details)) if (value !== undefined) kept[name] = value;
  return kept as Details;
}
