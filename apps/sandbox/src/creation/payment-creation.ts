// Handles a create call after its request was decrypted. The checks run in the gateway's order,
// which determines whether a rejected request leaves a row (protocol §1.3). A create call never
// sends a webhook.
import { Injectable } from '@nestjs/common';
import { Acquirer, acquirerResponse } from '../acquirer/acquirer.js';
import { CurrentGeneration } from '../generation/generation.js';
import { Ledger } from '../transactions/ledger.js';
import { PaymentSettlement } from '../status/payment-settlement.js';
import { moveTo, type Transaction } from '../transactions/transaction.js';
import { jsonReply, type GatewayReply } from '../wire/gateway-reply.js';
import { Blocklist } from './blocklist.js';
import { checkRequest, type CheckedRequest, type CreateContext } from './check-request.js';
import { createReply } from './create-reply.js';
import {
  blocked,
  catchAll,
  connectorClassMissing,
  referenceExists,
} from '../wire/error-replies.js';
import type { OpenedRequest } from './open-request.js';
import { newTransaction } from './new-transaction.js';

@Injectable()
export class PaymentCreation {
  constructor(
    private readonly ledger: Ledger,
    private readonly blocklist: Blocklist,
    private readonly acquirer: Acquirer,
    private readonly generation: CurrentGeneration,
    private readonly settlements: PaymentSettlement,
  ) {}

  create(opened: OpenedRequest, context: CreateContext): GatewayReply {
    const { behaviour } = this.generation;
    const { ledger, blocklist } = this;
    // Steps 1 to 10: a refusal leaves no row.
    const checked = checkRequest(opened, context, { ledger, blocklist, behaviour });
    if ('refusal' in checked) return checked.refusal;
    // Step 11: from here on the row exists, whatever the response.
    const transaction = newTransaction(checked, { ledger, behaviour, baseUrl: context.baseUrl });
    ledger.insert(transaction);
    const refusal = refuseSaved(transaction, checked, context.refusal);
    if (refusal) return refusal;
    this.#askAcquirer(transaction, checked);
    return jsonReply(200, createReply(transaction, behaviour, opened));
  }

  /** Step 13, skipped for test cards. */
  #askAcquirer(transaction: Transaction, { card, isTestCard }: CheckedRequest): void {
    if (isTestCard) return;
    const { reference, mop } = transaction;
    const { orderStatus, settlement } = this.acquirer.answer({ reference, mop, cardNumber: card });
    transaction.acquirerStatus = orderStatus;
    moveTo(transaction, orderStatus, acquirerResponse(orderStatus));
    this.ledger.changed(transaction);
    if (settlement) this.settlements.settleLater(transaction, settlement);
  }
}

/**
 * Returns a refusal that comes after the row is saved: step 12, and errors on the way to the
 * acquirer.
 */
function refuseSaved(
  transaction: Transaction,
  { card, block, acquirer }: CheckedRequest,
  scripted: CreateContext['refusal'],
): GatewayReply | undefined {
  if (block) return blocked(transaction.transId, block.message, block.blacklistMessage);
  if (card !== undefined && (transaction.currency === null || transaction.productName === null)) {
    return catchAll('Cannot invoke "Object.toString()" because the return value is null');
  }
  if (scripted === 'connectorClassMissing') return connectorClassMissing(acquirer);
  // Two look-ups race (§11): the look-up finds the row that this request has just saved.
  if (scripted === 'ownReference') return referenceExists(transaction.reference ?? '');
  return scripted === 'catchAll' ? catchAll('could not execute statement') : undefined;
}
