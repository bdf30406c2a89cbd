// The gateway's record of a payment, in the form common to create replies, status replies and
// callbacks (protocol §3.1, §5.1, §6.3). Unknown fields are ignored.
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
 * The fields that decide if a transaction is a payment's, or that change the payment; by their
 * domain names.
 */
export type DecisiveField = 'reference' | 'amount' | 'currency' | 'terminal' | 'card' | 'authurl';

/**
 * A transaction as the gateway reports it. A field is absent if the gateway omitted it or sent an
 * unusable value; for the decisive ones `unreadable` distinguishes the two.
 */
export interface GatewayTransaction {
  /** 1 to 19 digits, exact; beyond 2^53, so never a number. */
  readonly transId: string;
  /** The code as text (protocol §7); may be unknown to us. */
  readonly orderStatus: string;
  /** `bill_amt`: the original amount in `currency`, never a converted one. */
  readonly amount?: Decimal;
  readonly currency?: string;
  readonly reference?: string;
  /** Text for people, without control characters or card numbers. Never branch on it. */
  readonly response?: string;
  /** `status`: text for people that differs between replies for one code. Never branch on it. */
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
   * Gateway-local time without a zone; the meaning of the fraction differs by generation. Not an
   * instant.
   */
  readonly tdate?: string;
  readonly connectorStatusCode?: string;
  readonly webhookNotifyTime?: string;
  /** `terno` or `terNO`: the terminal's number, without leading zeros. */
  readonly terminal?: string;
  /** Decisive fields that are present but unreadable. */
  readonly unreadable: readonly DecisiveField[];
}

const TRANS_ID_TEXT = /^\d{1,19}$/;
const ORDER_STATUS_TEXT = /^-?\d{1,9}$/;

/** Returns the transID if it is valid: digits only, with the length of a signed 64-bit number. */
export function transIdOf(fields: WireFields): string | undefined {
  const transId = fields.get('transID');
  return transId !== undefined && TRANS_ID_TEXT.test(transId) ? transId : undefined;
}

/**
 * Reads a transaction; undefined unless both a transID of digits and a numeric order_status are
 * present.
 */
export function readTransaction(fields: WireFields): GatewayTransaction | undefined {
  const transId = transIdOf(fields);
  const orderStatus = fields.get('order_status');
  if (transId === undefined || orderStatus === undefined) return undefined;
  if (!ORDER_STATUS_TEXT.test(orderStatus)) return undefined;
  return { transId, orderStatus, ...readDetails(fields) };
}

type Details = Omit<GatewayTransaction, 'transId' | 'orderStatus'>;

interface DecisiveValues {
  readonly reference: string;
  readonly amount: Decimal;
  readonly currency: string;
  readonly terminal: string;
  readonly card: string;
  readonly authurl: string;
}

interface FieldRule<Value> {
  /** Every spelling of its name. */
  readonly names: readonly string[];
  /** The text that one generation sends for an absent value. */
  readonly none?: string;
  readonly parse: (text: string) => Value | undefined;
}

/**
 * The fields on which a decision depends. All others are for people, and may be missing, odd or
 * nested.
 */
const DECISIVE: { readonly [Field in DecisiveField]: FieldRule<DecisiveValues[Field]> } = {
  reference: { names: ['reference'], parse: identifierText },
  amount: { names: ['bill_amt'], parse: parseDecimal },
  currency: { names: ['bill_currency'], parse: identifierText },
  terminal: { names: ['terno', 'terNO'], parse: terminalNumberText },
  // The reactive server stores no digits of a card (protocol §6.3).
  card: { names: ['ccno'], none: 'Invalid Card', parse: maskedCardText },
  authurl: { names: ['authurl'], parse: httpUrl },
};

function readDetails(fields: WireFields): Details {
  const unreadable: DecisiveField[] = [];
  const read = <Field extends DecisiveField>(field: Field) =>
    readDecisive(fields, field, unreadable);
  return present({
    reference: read('reference'),
    amount: read('amount'),
    currency: read('currency'),
    terminal: read('terminal'),
    maskedCard: read('card'),
    authUrl: read('authurl'),
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
 * Reads a decisive field. Two spellings of one name with different values are as unreadable as an
 * invalid text.
 */
function readDecisive<Field extends DecisiveField>(
  fields: WireFields,
  field: Field,
  unreadable: DecisiveField[],
): DecisiveValues[Field] | undefined {
  const { names, none, parse }: FieldRule<DecisiveValues[Field]> = DECISIVE[field];
  const values = new Set<DecisiveValues[Field] | undefined>();
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

/** Returns a text for people; undefined if cleaning leaves nothing of it. */
function shown(
  fields: WireFields,
  name: string,
  clean: (text: string) => string,
): string | undefined {
  const text = fields.get(name);
  return text === undefined ? undefined : clean(text) || undefined;
}

/** Removes undefined members, so that an absent field is not present without a value. */
function present(details: { [Name in keyof Details]: Details[Name] | undefined }): Details {
  const defined: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(details))
    if (value !== undefined) defined[name] = value;
  return defined as Details;
}
