// Reading the gateway's callbacks (protocol §6). They are unsigned and may come plain although
// encryption was asked for. The encrypted envelope carries the merchant's private key in clear, so
// nothing is taken from a body but the fields listed here, and no error quotes a body.
import { decryptAes256, GatewayCodecError, type Aes256Keys } from './aes256.js';
import { decodeQueryString } from './query-string.js';
import { readTransaction, type GatewayTransaction } from './transaction.js';
import {
  givenFields,
  readObject,
  unreadable,
  type Unreadable,
  type WireFields,
} from './wire-fields.js';
import { maskedCardText, printableText, sentenceText } from './wire-text.js';

/** A callback that could be read. Reading it establishes nothing about who sent it. */
export interface DecodedCallback {
  readonly kind: 'callback';
  /** Whether it came encrypted, whatever was asked for. */
  readonly encrypted: boolean;
  readonly transaction: GatewayTransaction;
  /**
   * The known fields by their wire names, made safe to store: never keys, authdata or a card
   * number.
   */
  readonly fields: Readonly<Record<string, string>>;
}

// Real callbacks are below 2 KiB.
const BODY_LENGTH_MAX = 64 * 1024;

// Of a key's 43 characters; nobody's text has so many in common with it by chance.
const TELLING_LENGTH = 12;
const PART_OF_ENVELOPE = /(?:private|public)_key/;

const keptFields: Readonly<Record<string, (text: string) => string | undefined>> = {
  transID: printableText,
  order_status: printableText,
  status: sentenceText,
  bill_amt: printableText,
  bill_currency: printableText,
  reference: printableText,
  tdate: printableText,
  response: sentenceText,
  mop: sentenceText,
  descriptor: sentenceText,
  upa: printableText,
  rrn: printableText,
  ccno: maskedCardText,
  connector_status_code: printableText,
  webhook_notify_time: printableText,
};

/**
 * Reads a callback: plain JSON or form, or the encrypted envelope whose payload is JSON or a query
 * string (protocol §6.3, §6.4). `keys` are the terminal's own, undefined if it has none. Never
 * throws.
 */
export function decodeCallback(
  contentType: string | undefined,
  body: string,
  keys: Aes256Keys | undefined,
): DecodedCallback | Unreadable {
  if (body.length > BODY_LENGTH_MAX) return unreadable('tooLong');
  const outer = readBody(contentType ?? '', body);
  if (isUnreadable(outer)) return outer;
  const ciphertext = outer.has('transID') ? undefined : outer.get('data');
  if (ciphertext === undefined) {
    // Neither form: two that ran together, and the rest of some terminal's key may be in any field.
    if (outer.has('private_key') || outer.has('public_key')) return unreadable('noTransaction');
    return readFields(withoutKeys(outer, keys), { encrypted: false });
  }
  if (!keys) return unreadable('keysMissing');
  const payload = decryptOrUndefined(ciphertext, keys);
  if (payload === undefined) return unreadable('undecryptable');
  const inner = readPayload(payload);
  return isUnreadable(inner) ? inner : readFields(withoutKeys(inner, keys), { encrypted: true });
}

/**
 * A damaged callback may have an envelope, or the rest of one, inside a field's text; such a field
 * is no field.
 */
function withoutKeys(fields: WireFields, keys: Aes256Keys | undefined): WireFields {
  const parts = keys ? tellingParts(keys.privateKey) : [];
  const hasKey = (text: string) =>
    PART_OF_ENVELOPE.test(text) || parts.some((part) => text.includes(part));
  // Hardly any callback has one, which a look at all texts together tells.
  if (!hasKey([...fields.values()].join('\n'))) return fields;
  return new Map([...fields].filter(([, text]) => !hasKey(text)));
}

/**
 * Every run of the key that is long enough to tell something of it: a field may hold it cut off at
 * either end.
 */
function tellingParts(key: string): string[] {
  const runs = Math.max(key.length - TELLING_LENGTH, 0) + 1;
  return Array.from({ length: runs }, (_, at) => key.slice(at, at + TELLING_LENGTH));
}

function readBody(contentType: string, body: string): WireFields | Unreadable {
  const type = contentType.toLowerCase();
  const isForm = type.includes('x-www-form-urlencoded');
  const isJson = type.includes('json') || (!isForm && startsAsObject(body));
  return isJson ? readJsonFields(body) : givenFields(decodeQueryString(body.trim(), 'form'));
}

/**
 * The two forms of a decrypted payload cannot be told apart but by their first character (protocol
 * §6.4).
 */
function readPayload(payload: string): WireFields | Unreadable {
  return startsAsObject(payload)
    ? readJsonFields(payload)
    : givenFields(decodeQueryString(payload.trim(), 'raw'));
}

function startsAsObject(text: string): boolean {
  return text.trimStart().startsWith('{');
}

function readJsonFields(text: string): WireFields | Unreadable {
  const object = readObject(text);
  return object.kind === 'object' ? object.fields : object;
}

function isUnreadable(value: WireFields | Unreadable): value is Unreadable {
  return 'kind' in value;
}

function decryptOrUndefined(ciphertext: string, keys: Aes256Keys): string | undefined {
  try {
    return decryptAes256(ciphertext, keys);
  } catch (error) {
    if (error instanceof GatewayCodecError) return undefined;
    throw error;
  }
}

function readFields(
  fields: WireFields,
  { encrypted }: { encrypted: boolean },
): DecodedCallback | Unreadable {
  const transaction = readTransaction(fields);
  if (!transaction) return unreadable('noTransaction');
  return { kind: 'callback', encrypted, transaction, fields: keepKnown(fields) };
}

function keepKnown(fields: WireFields): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, clean] of Object.entries(keptFields)) {
    const text = fields.get(name);
    const cleaned = text === undefined ? undefined : clean(text);
    if (cleaned) kept[name] = cleaned;
  }
  return kept;
}
