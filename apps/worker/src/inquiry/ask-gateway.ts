// The best way there is to ask about a payment: by transID; by reference or by the existence probe where the terminal may;
// then only a callback or a person can help. Whether an answer is about the payment is decided elsewhere.
import type { GatewayClient } from '@quittance/gateway';
import { type InquiryAnswer, isAwaitingGateway, type Payment } from '@quittance/payments';
import type { Terminal } from '@quittance/persistence';

/** A live payment can stay pending in the gateway's record until somebody has it ask its acquirer (protocol §12.12). */
const REFRESH_FROM_INQUIRY = 2;

/** An answer and the way it came. */
export interface Asked {
  readonly strategy: Terminal['inquiry'];
  readonly answer: InquiryAnswer;
}

export async function askGateway(
  gateway: GatewayClient,
  payment: Payment,
  terminal: Terminal,
): Promise<Asked> {
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
