// Compares a sample of ended payments with the gateway's record. The comparison writes no decision:
// it reads the payment and the record and decides as an inquiry would. Any difference makes an
// ordinary inquiry due at once. A record that contradicts the final status, or is missing, is also
// a violation.
import { Injectable } from '@nestjs/common';
import { GatewayClient } from '@quittance/gateway';
import {
  decide,
  type Decision,
  decideRefund,
  type InquiryAnswer,
  type Payment,
} from '@quittance/payments';
import { StepRequests, Payments, Refunds, Terminals } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import type { Violation } from './violation.js';

export const GATEWAY_VIOLATIONS = ['gateway_disagrees'] as const;

@Injectable()
export class GatewayAgreement {
  constructor(
    private readonly payments: Payments,
    private readonly refunds: Refunds,
    private readonly terminals: Terminals,
    private readonly gateway: GatewayClient,
    private readonly asks: StepRequests,
    private readonly clock: Clock,
  ) {}

  /** Compares up to `sample` of the payments, picked at random. */
  async find(paymentIds: readonly string[], sample: number): Promise<Violation[]> {
    const violations: Violation[] = [];
    for (const id of this.#some(paymentIds, sample)) {
      const finding = await this.#compare(id);
      if (finding === undefined) continue;
      await this.asks.payment(id, this.clock.now());
      if (finding === 'contradiction') violations.push({ kind: 'gateway_disagrees', subject: id });
    }
    return violations;
  }

  /**
   * Resolves with the difference, if there is one. A payment that changed during the look-up counts
   * as equal, because the answer is older than its row.
   */
  async #compare(id: string): Promise<'contradiction' | 'news' | undefined> {
    const loaded = await this.payments.load(id);
    const terminal =
      loaded && (await this.terminals.load(loaded.payment.terminalId, loaded.terminalVersion));
    if (!terminal || loaded.payment.transId === null) return undefined;
    const decideOn = await this.#decider(loaded.payment);
    const decision = decideOn?.(await this.gateway.lookUp(terminal, loaded.payment.transId));
    const finding = decision ? differenceIn(decision) : undefined;
    if (finding === undefined) return undefined;
    const isOld = (await this.payments.load(id))?.payment.version !== loaded.payment.version;
    return isOld ? undefined : finding;
  }

  /**
   * Returns the decision function of an inquiry. A refund is decided together with its payment;
   * `undefined` if the refund has just failed.
   */
  async #decider(
    payment: Payment,
  ): Promise<((answer: InquiryAnswer) => Decision | null) | undefined> {
    const cause = 'inquiry';
    if (payment.refundReservedMinor === 0n)
      return (answer) => decide(payment, { cause, answer }, this.clock.now());
    const both = await this.refunds.loadOfPayment(payment.id);
    const step = 'payment';
    return (
      both && ((answer) => decideRefund(both, { cause, answer, step }, this.clock.now()).payment)
    );
  }

  #some(paymentIds: readonly string[], sample: number): string[] {
    const left = [...paymentIds];
    const picked: string[] = [];
    while (picked.length < sample && left.length > 0)
      picked.push(...left.splice(Math.floor(Math.random() * left.length), 1));
    return picked;
  }
}

/** An inquiry without an answer shows no difference; the answer "not found" does. */
function differenceIn({
  move,
  unmoved,
  isDisbelieved,
  alert,
}: Decision): 'contradiction' | 'news' | undefined {
  if (move) return 'news';
  const contradicts =
    isDisbelieved || unmoved === 'notFound' || alert === 'contradicts_final_status';
  return contradicts ? 'contradiction' : undefined;
}
