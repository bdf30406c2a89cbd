// Reads the gateway's callbacks (protocol §6). They are unsigned, and may be plain although
// encryption was requested. The encrypted envelope contains the merchant's private key unencrypted,
// so only the fields listed here are read from a body, and no error quotes a body.
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

/** A readable callback. Reading it proves nothing about its sender. */
export interface DecodedCallback {
  readonly kind: 'callback';
  /** True when it was encrypted, whatever was requested. */
  readonly encrypted: boolean;
  readonly transaction: GatewayTransaction;
  /** The known fields by their wire names, safe to store: never keys, authdata or a card number. */
  readonly fields: Readonly<Record<string, string>>;
}

// Real callbacks are below 2 KiB.
const BODY_LENGTH_MAX = 64 * 1024;

// Of a key's 43 characters; no other text shares so many by chance.
const TELLING_LENGTH = 12;
const PART_OF_ENVELOPE = /(?:private|public)_key/;

const storedFields: Readonly<Record<string, (text: string) => string | undefined>> = {
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
    // Neither form: two bodies that were merged, so any field may contain a part of some terminal's
    // key.
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
 * Removes fields whose text contains an envelope or a part of one, which a damaged callback may
 * have.
 */
function withoutKeys(fields: WireFields, keys: Aes256Keys | undefined): WireFields {
  const parts = keys ? identifyingParts(keys.privateKey) : [];
  const hasKey = (text: string) =>
    PART_OF_ENVELOPE.test(text) || parts.some((part) => text.includes(part));
  // Almost no callback has one, which one search over all texts together shows.
  if (!hasKey([...fields.values()].join('\n'))) return fields;
  return new Map([...fields].filter(([, text]) => !hasKey(text)));
}

/**
 * Returns every substring of the key that is long enough to identify it: a field may contain the
 * key cut off at either end.
 */
function identifyingParts(key: string): string[] {
  const runs = Math.max(key.length - TELLING_LENGTH, 0) + 1;
  return Array.from({ length: runs }, (_, at) => key.slice(at, at + TELLING_LENGTH));
}

function readBody(contentType: string, body: string): WireFields | Unreadable {
  const type = contentType.toLowerCase();
  const isForm = type.includes('x-www-form-urlencoded');
  const isJson = type.includes('json') || (!isForm && startsAsObject(body));
  return isJson ? readJsonFields(body) : givenFields(decodeQueryString(body.trim(), 'form'));
}

/** Only the first character distinguishes the two forms of a decrypted payload (protocol §6.4). */
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
  const stored: Record<string, string> = {};
  for (const [name, clean] of Object.entries(storedFields)) {
    const text = fields.get(name);
    const cleaned = text === undefined ? undefined : clean(text);
    if (cleaned) stored[name] = cleaned;
  }
  return stored;
}
