// The ways to inquire about a payment: by transID, by reference or with the existence probe where
// the terminal supports them, and, where the reply was lost, by the transactions that callbacks
// have named. libs/payments decides whether an answer is about the payment.
import { GatewayClient } from '@quittance/gateway';
import { type InquiryAnswer, isAwaitingGateway, mismatch, type Payment } from '@quittance/payments';
import { CallbackHints, type Terminal } from '@quittance/persistence';
import { Injectable } from '@nestjs/common';

/**
 * The gateway's record of a live payment can stay pending until a refresh makes the gateway ask its
 * acquirer (protocol §12.12).
 */
const REFRESH_FROM_INQUIRY = 2;

/** An answer and the strategy that produced it. */
export interface InquiryResult {
  readonly strategy: Terminal['inquiry'];
  readonly answer: InquiryAnswer;
}

/** Inquires by transID if it is known, otherwise with the terminal's own strategy. */
export async function inquireAtGateway(
  gateway: GatewayClient,
  payment: Payment,
  terminal: Terminal,
): Promise<InquiryResult> {
  const { transId, reference } = payment;
  const { inquiry, publicKey } = terminal;
  if (transId !== null) {
    const isStuck = isAwaitingGateway(payment.status) && payment.inquiries >= REFRESH_FROM_INQUIRY;
    if (isStuck) await gateway.refresh(terminal, transId);
    return { strategy: 'trans_id', answer: await gateway.lookUp(terminal, transId) };
  }
  switch (inquiry) {
    case 'reference':
      return { strategy: inquiry, answer: await gateway.lookUp(terminal, reference) };
    case 'probe':
      return { strategy: inquiry, answer: await gateway.probe(terminal, reference, publicKey) };
    case 'trans_id':
      return { strategy: inquiry, answer: { kind: 'noWayToAsk' } };
  }
}

/** Inquires about the transactions that callbacks have named. */
@Injectable()
export class HintInquiry {
  constructor(
    private readonly hints: CallbackHints,
    private readonly gateway: GatewayClient,
  ) {}

  /**
   * Looks up every transID that callbacks named for a payment that has none itself. Resolves with
   * the report that fits, or with the reason to inquire again; with `undefined` when callbacks
   * named no transaction, or only transactions of other payments.
   */
  async ask(payment: Payment, terminal: Terminal): Promise<InquiryResult | undefined> {
    if (payment.transId !== null) return undefined;
    const named = await this.hints.transIds(payment.id, payment.inquiries);
    const answers = await Promise.all(
      named.map((transId) => this.gateway.lookUp(terminal, transId)),
    );
    const fitting = answers.filter((answer) => fits(payment, answer));
    const [first] = fitting;
    // Nothing shows which of the two is the payment's own.
    if (fitting.length > 1)
      return asked({ kind: 'unanswered', reason: 'several_transactions_fit' });
    const open = answers.find(({ kind }) => kind !== 'reported');
    const answer = first ?? open;
    return answer && asked(answer);
  }
}

function asked(answer: InquiryAnswer): InquiryResult {
  return { strategy: 'trans_id', answer };
}

function fits(payment: Payment, answer: InquiryAnswer): boolean {
  if (answer.kind !== 'reported') return false;
  return mismatch(payment, answer.report, { mustBeComplete: true }) === undefined;
}
