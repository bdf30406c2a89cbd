// Handles refund requests: seven checks in the gateway's order, with four kinds of response
// (protocol §8). A request needs no credentials and sends no webhook.
import { Injectable } from '@nestjs/common';
import {
  type ExactJson,
  isExactJsonObject,
  javaDoubleText,
  parseExact,
  parseJavaDouble,
  roundHalfUpToCents,
} from '@quittance/gateway-protocol';
import { CurrentGeneration } from '../generation/generation.js';
import { Ledger } from '../transactions/ledger.js';
import { parseTransactionId } from '../transactions/transaction-id.js';
import { lookUpMap } from '../transactions/transaction-view.js';
import { moveTo, type Transaction } from '../transactions/transaction.js';
import {
  emptyReply,
  jsonReply,
  textReply,
  type GatewayReply,
  type JsonObject,
} from '../wire/gateway-reply.js';
import { wholeSecondText } from '../wire/server-time.js';

@Injectable()
export class RefundRequests {
  constructor(
    private readonly ledger: Ledger,
    private readonly generation: CurrentGeneration,
  ) {}

  /** @param body the JSON body as text */
  request(body: string, callerIp: string): GatewayReply {
    const fields = readFields(body);
    if (!fields?.transId) return textReply(500, 'Error processing refund request: transID is null');
    const transId = parseTransactionId(fields.transId);
    if (transId === undefined) return textReply(400, 'Invalid number format in request');
    const transaction = this.ledger.find(transId);
    if (!transaction) return emptyReply(404);
    if (fields.amount === undefined) return textReply(400, 'refundAmount is required');
    const refusal = this.#refusal(transaction);
    if (refusal) return refusal;
    const parsed = parseJavaDouble(fields.amount);
    if (parsed === undefined) return textReply(400, 'Invalid number format in request');
    const amount = roundHalfUpToCents(parsed);
    // This form of the condition rejects NaN too.
    if (!(amount > 0 && amount <= transaction.amount)) {
      return textReply(
        400,
        'Refund amount must be greater than zero and not exceed the transaction amount',
      );
    }
    return this.#accept(transaction, amount, callerIp);
  }

  /** Cases 4 and 5: HTTP 200 with the payment's status and the refusal in `message`. */
  #refusal(transaction: Transaction): GatewayReply | undefined {
    const { orderStatus } = transaction;
    if (orderStatus === 1) return undefined;
    const message =
      orderStatus === 7 || orderStatus === 8
        ? 'Transaction is already in Refund Request Processed'
        : 'Refund is not authorised because this is not a successful transaction';
    return jsonReply(200, { ...this.#mapOf(transaction), message });
  }

  /**
   * Case 7. A partial refund is accepted once, like a full one; its amount exists only in the text.
   */
  #accept(transaction: Transaction, amount: number, callerIp: string): GatewayReply {
    const paidText = transaction.response;
    const refundText =
      amount < transaction.amount
        ? `Partial Refund Request Processed from ip ${callerIp} Amount ${javaDoubleText(amount)}`
        : `Request Processed from ip ${callerIp}`;
    moveTo(transaction, 8, refundText);
    transaction.refundAmount = amount;
    this.ledger.changed(transaction);
    const map = this.#mapOf(transaction);
    switch (this.generation.behaviour.refundReply) {
      case 'newText':
        return jsonReply(200, map);
      case 'oldText':
        return jsonReply(200, { ...map, response: paidText });
      case 'published':
        return jsonReply(200, {
          ...map,
          response: paidText,
          bill_amt: transaction.amount,
          tdate: wholeSecondText(transaction.createdAt),
          message: 'Request Processed',
        });
    }
  }

  #mapOf(transaction: Transaction): JsonObject {
    return lookUpMap(transaction, this.generation.behaviour);
  }
}

/** Parses the fields, as numbers or as strings; a numeric transID keeps all its digits. */
function readFields(
  body: string,
): { transId: string | undefined; amount: string | undefined } | undefined {
  const json = parseExact(body);
  if (json === undefined || !isExactJsonObject(json)) return undefined;
  return { transId: fieldText(json['transID']), amount: fieldText(json['refundAmount']) };
}

function fieldText(value: ExactJson | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
