// What people at the gateway do by hand: complete a refund, book a chargeback or a predispute. Each
// turns the payment to 7 and adds a row of its own with the same reference and a negative amount
// (protocol §8).
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

  /** Whether the act has something to act on: a refund asked for, or a payment that was taken. */
  allows(transaction: Transaction, act: BackOfficeAction): boolean {
    return transaction.orderStatus === 8 || (act !== 'refund' && transaction.orderStatus === 1);
  }

  /**
   * SandboxState the act. The child row carries the full amount, for a part too. @returns the child row
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
