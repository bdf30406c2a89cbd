// Performs the manual actions of the gateway's staff: completing a refund, booking a chargeback or
// a predispute. Each changes the payment's code to 7 and adds a row with the same reference and a
// negative amount (protocol §8).
import { Injectable } from '@nestjs/common';
import { acquirerResponse } from '../acquirer/acquirer.js';
import { CurrentGeneration } from '../generation/generation.js';
import { freeTransactionId } from '../creation/new-transaction.js';
import { Ledger } from '../transactions/ledger.js';
import { moveTo, type Transaction } from '../transactions/transaction.js';

export const backOfficeActions = { refund: 3, chargeback: 5, predispute: 11 } as const;
export type BackOfficeAction = keyof typeof backOfficeActions;

@Injectable()
export class BackOffice {
  constructor(
    private readonly ledger: Ledger,
    private readonly generation: CurrentGeneration,
  ) {}

  /** True when the payment allows the action: it has a refund request, or it was charged. */
  allows(transaction: Transaction, act: BackOfficeAction): boolean {
    return transaction.orderStatus === 8 || (act !== 'refund' && transaction.orderStatus === 1);
  }

  /**
   * Books the action and returns the child row, which has the full amount even for a partial
   * refund.
   */
  book(transaction: Transaction, act: BackOfficeAction): Transaction {
    const orderStatus = backOfficeActions[act];
    moveTo(transaction, 7, acquirerResponse(7));
    this.ledger.changed(transaction);
    const createdAt = new Date();
    const acquirer = Number(transaction.transId.slice(0, 3));
    const child: Transaction = {
      ...transaction,
      transId: freeTransactionId(this.ledger, this.generation.behaviour, acquirer, createdAt),
      rowNumber: this.ledger.nextRowNumber(),
      amount: -transaction.amount,
      createdAt,
      parentTransId: transaction.transId,
      orderStatus,
      acquirerStatus: undefined,
      response: acquirerResponse(orderStatus),
      charged: false,
      refundRequests: 0,
    };
    this.ledger.insert(child);
    return child;
  }
}
