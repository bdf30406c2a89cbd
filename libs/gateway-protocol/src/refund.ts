// The refund call (protocol §8). The endpoint replies in JSON, in raw text or with an empty body,
// and puts two of its refusals into HTTP 200. It has no idempotency key; a repeat gets
// `alreadyRequested`.
import type { HttpReply } from './http-reply.js';
import { formatBillAmount, type MinorAmount } from './decimal.js';
import { findOrderStatus } from './order-status.js';
import { readTransaction, type GatewayTransaction } from './transaction.js';
import { readObject, unreadable, type Unreadable } from './wire-fields.js';
import { jsonRequest, type WireRequest } from './wire-request.js';
import { sentenceText } from './wire-text.js';

/** A refund to request. The gateway accepts one per transaction, full or partial. */
export interface RefundRequest {
  readonly transId: string;
  /** Must have no `billAmountFault`. In the processing currency if the gateway converts. */
  readonly amount: MinorAmount;
  readonly reason?: string | undefined;
  /** Documented as mandatory, though no known server reads it. */
  readonly publicKey: string;
}

/** The possible replies to a refund request. */
export type RefundReply =
  /** The transaction is now `refundPending`; completion is a manual step at the gateway. */
  | { readonly kind: 'accepted'; readonly transaction: GatewayTransaction }
  /**
   * HTTP 200, refused: the transaction is `refundPending` or `reversed` already, perhaps by this
   * very request.
   */
  | { readonly kind: 'alreadyRequested'; readonly transaction: GatewayTransaction }
  /** HTTP 200, refused: the transaction never was `approved`; a test approval does not count. */
  | { readonly kind: 'notSuccessful'; readonly transaction: GatewayTransaction }
  | { readonly kind: 'notFound' }
  /** HTTP 400 with raw text: the numbers of the request, or an amount above the original. */
  | { readonly kind: 'rejected'; readonly message: string }
  /** HTTP 5xx: proves nothing. */
  | { readonly kind: 'serverError'; readonly message: string }
  | Unreadable;

/**
 * Encodes a refund request (protocol §8).
 * @throws RangeError for an amount with more than two decimals, not positive, or beyond dec(10,2).
 */
export function encodeRefund(
  refund: RefundRequest,
): WireRequest<'/api/transactions/refund-request'> {
  return jsonRequest('/api/transactions/refund-request', {
    transID: refund.transId,
    refundAmount: formatBillAmount(refund.amount),
    refundReason: refund.reason,
    public_key: refund.publicKey,
  });
}

/** Decodes the reply of a refund request. Never throws. */
export function decodeRefundReply({ httpStatus, body }: HttpReply): RefundReply {
  if (httpStatus === 200) return readAnswer(body);
  if (httpStatus === 404 && body.trim() === '') return { kind: 'notFound' };
  if (httpStatus === 400) {
    return isRawText(body)
      ? { kind: 'rejected', message: sentenceText(body) }
      : unreadable('unexpectedBody');
  }
  if (httpStatus < 500) return unreadable('unexpectedHttpStatus');
  return { kind: 'serverError', message: isRawText(body) ? sentenceText(body) : '' };
}

function readAnswer(body: string): RefundReply {
  const object = readObject(body);
  if (object.kind === 'unreadable') return object;
  const transaction = readTransaction(object.fields);
  if (!transaction) return unreadable('noTransaction');
  const message = object.fields.get('message') ?? 'Request Processed';
  // A refusal has a sentence there; a message that is not a sentence may be a damaged one.
  if (sentenceText(message) === '') return unreadable('unexpectedBody');
  const status = findOrderStatus(transaction.orderStatus)?.name;
  if (message === 'Request Processed') {
    return status === 'refundPending'
      ? { kind: 'accepted', transaction }
      : unreadable('unexpectedBody');
  }
  return readRefusal(status, transaction);
}

/** The refusals differ in the stored status; their texts are not branched on. */
function readRefusal(status: string | undefined, transaction: GatewayTransaction): RefundReply {
  switch (status) {
    case 'refundPending':
    case 'reversed':
      return { kind: 'alreadyRequested', transaction };
    case 'approved':
    case undefined:
      // A refusal that the rules of §8 do not explain.
      return unreadable('unexpectedBody');
    default:
      return { kind: 'notSuccessful', transaction };
  }
}

/**
 * True when the body can be a raw text of the gateway, which is a sentence; a page or a JSON body
 * has another sender.
 */
function isRawText(body: string): boolean {
  const text = body.trim();
  return text !== '' && !/^[<{[]/.test(text);
}
