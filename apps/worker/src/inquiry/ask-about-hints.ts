// Finds the transaction of a payment whose reply was lost, by what callbacks have named: each is asked about, and what the gateway
// itself says of it has to fit the payment. A callback's word is not needed for that, so that nothing depends on who wrote it.
import { Injectable } from '@nestjs/common';
import { GatewayClient } from '@quittance/gateway';
import { type InquiryAnswer, mismatch, type Payment } from '@quittance/payments';
import { CallbackHints, type Terminal } from '@quittance/persistence';
import type { Asked } from './ask-gateway.js';

@Injectable()
export class AskAboutHints {
  constructor(
    private readonly hints: CallbackHints,
    private readonly gateway: GatewayClient,
  ) {}

  /**
   * What there is to learn of a payment without a transID by the transIDs that callbacks named: the report of the one that fits, or why
   * it is worth asking again. `undefined` where there is nothing to learn: nothing was named, or only what is about other payments.
   */
  async ask(payment: Payment, terminal: Terminal): Promise<Asked | undefined> {
    if (payment.transId !== null) return undefined;
    const named = await this.hints.transIds(payment.id, payment.inquiries);
    const answers = await Promise.all(
      named.map((transId) => this.gateway.lookUp(terminal, transId)),
    );
    const fitting = answers.filter((answer) => fits(payment, answer));
    const [first] = fitting;
    // The process cannot tell which of two is the payment's own.
    if (fitting.length > 1)
      return asked({ kind: 'unanswered', reason: 'several_transactions_fit' });
    const open = answers.find(({ kind }) => kind !== 'reported');
    const answer = first ?? open;
    return answer && asked(answer);
  }
}

function asked(answer: InquiryAnswer): Asked {
  return { strategy: 'trans_id', answer };
}

function fits(payment: Payment, answer: InquiryAnswer): boolean {
  if (answer.kind !== 'reported') return false;
  return mismatch(payment, answer.report, { mustBeComplete: true }) === undefined;
}
