// Asks the gateway what became of a payment, by the best way there is, and decides on the answer. Not knowing stays not knowing.
import type { GatewayClient } from '@quittance/gateway';
import {
  ABANDONED_AFTER_MS,
  decide,
  type Decision,
  type Evidence,
  type InquiryAnswer,
  isAwaitingGateway,
  type Payment,
} from '@quittance/payments';
import type { LoadedPayment, Payments, Terminal, Terminals } from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import type { InquireRefund } from '../refunds/inquire-refund.js';

/** A live payment can stay pending in the gateway's record until somebody has it ask its acquirer (protocol §12.12). */
const REFRESH_FROM_INQUIRY = 2;

export class InquirePayment {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals,
    private readonly gateway: GatewayClient,
    private readonly refunds: InquireRefund,
    private readonly clock: Clock,
    /** `timeoutMs` of submissions: an attempt is abandoned only well after its reply was due. */
    private readonly options: { readonly submissionTimeoutMs: number },
  ) {}

  /** Takes the payment's due step: sweeps an abandoned attempt, or asks. Resolves with what was decided, if there was anything to do. */
  async inquire(paymentId: string): Promise<Decision | undefined> {
    const loaded = await this.payments.load(paymentId);
    if (!loaded) return undefined;
    const { payment } = loaded;
    const terminal = await this.terminals.load(payment.terminalId);
    if (!terminal || payment.status === 'queued') return undefined;
    if (hasRefund(payment)) return this.refunds.inquireOfPayment(paymentId, terminal);
    const evidence =
      payment.status === 'submitting' ? this.#sweep(payment) : await this.#ask(payment, terminal);
    if (!evidence) return undefined;
    const change = await this.payments.apply(loaded, ({ payment: current }: LoadedPayment) => ({
      before: current,
      decision: decide(current, evidence, this.clock.now()),
      terminalName: terminal.name,
    }));
    return change?.decision;
  }

  /** The worker that opened the attempt had until its reply deadline, and time to store the reply. */
  #sweep(payment: Payment): Evidence | undefined {
    const patience = this.options.submissionTimeoutMs + ABANDONED_AFTER_MS;
    const isAbandoned = this.clock.now().getTime() >= payment.updatedAt.getTime() + patience;
    return isAbandoned ? { cause: 'sweeper', act: 'abandoned' } : undefined;
  }

  async #ask(payment: Payment, terminal: Terminal): Promise<Evidence> {
    return { cause: 'inquiry', answer: await this.#answer(payment, terminal) };
  }

  async #answer(
    payment: Payment,
    { baseUrl, inquiry, publicKey }: Terminal,
  ): Promise<InquiryAnswer> {
    if (payment.transId !== null) {
      const isStuck =
        isAwaitingGateway(payment.status) && payment.inquiries >= REFRESH_FROM_INQUIRY;
      if (isStuck) await this.gateway.refresh(baseUrl, payment.transId);
      return this.gateway.lookUp(baseUrl, payment.transId);
    }
    switch (inquiry) {
      case 'reference':
        return this.gateway.lookUp(baseUrl, payment.reference);
      case 'probe':
        return this.gateway.probe(baseUrl, payment.reference, publicKey);
      case 'trans_id':
        return { kind: 'noWayToAsk' };
    }
  }
}

/** A refund of ours that has not failed: what the gateway says of the payment bears on it too. */
function hasRefund({ refundReservedMinor }: Payment): boolean {
  return refundReservedMinor > 0n;
}
