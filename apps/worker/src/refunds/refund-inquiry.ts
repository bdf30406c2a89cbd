// Inquires about a payment that has a refund. The gateway reports the payment's status and no
// refunds, so the answer is decided for payment and refund together.
import { Injectable } from '@nestjs/common';
import { GatewayClient } from '@quittance/gateway';
import { type Decision, decideRefund, type RefundedPayment } from '@quittance/payments';
import { Refunds, type Terminal } from '@quittance/persistence';
import { Clock, crashPoint } from '@quittance/platform';

@Injectable()
export class RefundInquiry {
  constructor(
    private readonly refunds: Refunds,
    private readonly gateway: GatewayClient,
    private readonly clock: Clock,
  ) {}

  /**
   * Inquires and writes the decision on refund and payment. If either has changed since, the answer
   * is older than the row: it is dropped, and the step comes due again. Resolves with the decision
   * on the payment, if it was written.
   */
  async inquire(
    before: RefundedPayment,
    terminal: Terminal,
    step: 'payment' | 'refund',
  ): Promise<Decision | undefined> {
    const { transId } = before.payment;
    if (transId === null) return undefined;
    crashPoint('refund-inquiry.before-question');
    const answer = await this.gateway.lookUp(terminal, transId);
    crashPoint('refund-inquiry.after-answer');
    const evidence = { cause: 'inquiry', answer, step } as const;
    const decision = decideRefund(before, evidence, this.clock.now());
    const isWritten = await this.refunds.record({ before, decision, terminalName: terminal.name });
    crashPoint('refund-inquiry.after-commit');
    return isWritten ? (decision.payment ?? undefined) : undefined;
  }

  /**
   * Takes a step of the payment's own schedule. Does nothing when the refund has failed meanwhile;
   * the step comes due again.
   */
  async inquireOfPayment(paymentId: string, terminal: Terminal): Promise<Decision | undefined> {
    const loaded = await this.refunds.loadOfPayment(paymentId);
    return loaded && this.inquire(loaded, terminal, 'payment');
  }
}
