// The status calls (protocol §5). "Not found" is only the documented reply: a refusal to look
// something up by reference is an error, and proves no absence.
import { errorNumberOf, messageOf, type HttpReply } from './http-reply.js';
import { readTransaction, type GatewayTransaction } from './transaction.js';
import { readObject, unreadable, type Unreadable, type WireObject } from './wire-fields.js';

/**
 * Returns the path of the read-only look-up, for GET: it reads the gateway's database, never asks
 * the acquirer (protocol §5.1).
 */
export function statusPath(transId: string): string {
  return `/api/authurl/s2s/${encodeURIComponent(transId)}`;
}

/**
 * Returns the path of the update, for POST: it asks the acquirer, may change the transaction and
 * cause a callback (protocol §5.2).
 */
export function updatingStatusPath(transId: string): string {
  return `/api/status/s2s/transid/${encodeURIComponent(transId)}`;
}

/** The possible replies to a look-up or an update. */
export type StatusReply =
  /**
   * Compare its transId, reference and amount: a numeric reference finds another party's
   * transaction (§5.1).
   */
  | { readonly kind: 'transaction'; readonly transaction: GatewayTransaction }
  /** The gateway looked and has no such transaction. */
  | { readonly kind: 'notFound' }
  /** The gateway did not look, or failed while looking. */
  | {
      readonly kind: 'error';
      readonly httpStatus: number;
      /**
       * "400" when the id was not numeric, hence for every look-up by reference that is not
       * supported.
       */
      readonly errorNumber?: string;
      readonly message: string;
    }
  | Unreadable;

const notFoundErrors: ReadonlySet<string | undefined> = new Set([
  'Transaction not found',
  'S2S status response not found',
]);

/** Decodes the reply of either status endpoint. Never throws. */
export function decodeStatusReply({ httpStatus, body }: HttpReply): StatusReply {
  const object = readObject(body);
  if (object.kind === 'unreadable') return object;
  const error = readError(httpStatus, object);
  if (error) return error;
  if (httpStatus === 404 && notFoundErrors.has(object.fields.get('error'))) {
    return { kind: 'notFound' };
  }
  if (httpStatus !== 200) return unreadable('unexpectedHttpStatus');
  if (object.isEmpty) return { kind: 'notFound' };
  const transaction = readTransaction(object.fields);
  return transaction ? { kind: 'transaction', transaction } : unreadable('noTransaction');
}

function readError(httpStatus: number, { fields }: WireObject): StatusReply | undefined {
  const errorNumber = errorNumberOf(fields);
  if (errorNumber !== undefined) {
    return { kind: 'error', httpStatus, errorNumber, message: messageOf(fields, 'error_message') };
  }
  if (httpStatus < 500 || !fields.has('error')) return undefined;
  return { kind: 'error', httpStatus, message: messageOf(fields, 'error') };
}
