// Decodes the replies of the create call (protocol §3): the transaction, three families of JSON
// errors, and `unreadable` for everything else. The result describes the reply, not its meaning for
// a payment.
import { errorNumberOf, messageOf, type HttpReply } from './http-reply.js';
import { readTransaction, transIdOf, type GatewayTransaction } from './transaction.js';
import {
  readObject,
  unreadable,
  type Unreadable,
  type WireFields,
  type WireObject,
} from './wire-fields.js';

/** The shapes of protocol §3. Messages contain no card numbers and no control characters. */
export type CreateReply =
  | { readonly kind: 'transaction'; readonly transaction: GatewayTransaction }
  /** §3.2, always HTTP 400; `findErrorNumber` says if a transaction was stored. */
  | { readonly kind: 'error'; readonly errorNumber: string; readonly message: string }
  /** HTTP 403: a transaction with code 10 or 28 was stored. */
  | { readonly kind: 'blocked'; readonly transId: string; readonly message: string }
  | { readonly kind: 'terminalNotFound' }
  /**
   * `stored` distinguishes a missing acquirer class, found after the row was saved, from a missing
   * acquirer row.
   */
  | { readonly kind: 'connectorNotFound'; readonly stored: boolean }
  /** HTTP 400; also the reply when public_key is absent. */
  | { readonly kind: 'invalidConnector' }
  /** HTTP 5xx in the gateway's own form; a transaction may have been stored and charged. */
  | { readonly kind: 'serverError'; readonly message: string }
  /**
   * A JSON error in the gateway's form without a known meaning, such as a failed currency
   * conversion.
   */
  | { readonly kind: 'unlistedError'; readonly httpStatus: number; readonly message: string }
  | Unreadable;

/**
 * Decodes the reply of a create call. Never throws. A 200 is a transaction only with both a transID
 * of digits and a numeric order_status; a reply of no documented shape is `unlistedError` or
 * `unreadable`.
 */
export function decodeCreateReply({ httpStatus, body }: HttpReply): CreateReply {
  const object = readObject(body);
  if (object.kind === 'unreadable') return object;
  if (httpStatus === 200) return readSuccess(object);
  if (httpStatus >= 500) return readServerError(object.fields);
  return readRefusal(httpStatus, object.fields) ?? readUnlisted(httpStatus, object.fields);
}

function readSuccess({ fields }: WireObject): CreateReply {
  const transaction = readTransaction(fields);
  return transaction ? { kind: 'transaction', transaction } : unreadable('noTransaction');
}

function readRefusal(httpStatus: number, fields: WireFields): CreateReply | undefined {
  switch (httpStatus) {
    case 400:
      return readBadRequest(fields);
    case 403:
      return readBlocked(fields);
    case 404:
      return readNotFound(fields);
    default:
      return unreadable('unexpectedHttpStatus');
  }
}

function readBadRequest(fields: WireFields): CreateReply | undefined {
  const errorNumber = errorNumberOf(fields);
  if (errorNumber !== undefined) {
    return { kind: 'error', errorNumber, message: messageOf(fields, 'error_message') };
  }
  if (fields.get('error') === 'Invalid connector_id format') return { kind: 'invalidConnector' };
  return undefined;
}

function readBlocked(fields: WireFields): CreateReply | undefined {
  const transId = transIdOf(fields);
  if (transId === undefined || fields.get('status') !== 'error') return undefined;
  // blacklist_message is dropped: it quotes the gateway's internal rules.
  return { kind: 'blocked', transId, message: messageOf(fields, 'message') };
}

function readNotFound(fields: WireFields): CreateReply | undefined {
  const [error, message] = [fields.get('error'), fields.get('message')];
  if (message?.startsWith('Connector not found'))
    return { kind: 'connectorNotFound', stored: true };
  // "Not stored" is believed only in exactly the documented form, without any other member.
  if (fields.size !== 1) return undefined;
  if (error === 'Terminal not found') return { kind: 'terminalNotFound' };
  if (error === 'Connector not found') return { kind: 'connectorNotFound', stored: false };
  return undefined;
}

function readServerError(fields: WireFields): CreateReply {
  if (fields.get('status') !== 'error') return unreadable('unexpectedHttpStatus');
  return { kind: 'serverError', message: messageOf(fields, 'message') };
}

function readUnlisted(httpStatus: number, fields: WireFields): CreateReply {
  if (!fields.has('error') && !fields.has('message')) return unreadable('unexpectedBody');
  const message = messageOf(fields, fields.has('error') ? 'error' : 'message');
  return { kind: 'unlistedError', httpStatus, message };
}
