// Compares a few ended payments with the gateway's own record of them. A look changes nothing: it
// reads the payment, reads the record, and decides as an inquiry would without writing what it
// decided. What differs, news or contradiction, is asked about at once by an inquiry like any
// other; what contradicts the end we know, or is not there at all, is a violation too.
import { Injectable } from '@nestjs/common';
import { GatewayClient } from '@quittance/gateway';
import {
  decide,
  type Decision,
  decideRefund,
  type InquiryAnswer,
  type Payment,
} from '@quittance/payments';
import { Asks, Payments, Refunds, Terminals } from '@quittance/persistence';
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
    private readonly asks: Asks,
    private readonly clock: Clock,
  ) {}

  /** Looks up to `sample` of the payments up, picked at random. */
  async find(paymentIds: readonly string[], sample: number): Promise<Violation[]> {
    const violations: Violation[] = [];
    for (const id of this.#some(paymentIds, sample)) {
      const finding = await this.#look(id);
      if (finding === undefined) continue;
      await this.asks.payment(id, this.clock.now());
      if (finding === 'contradiction') violations.push({ kind: 'gateway_disagrees', subject: id });
    }
    return violations;
  }

  /**
   * What differs, if anything does; nothing where the payment moved on meanwhile, because the
   * answer is older than that.
   */
  async #look(id: string): Promise<'contradiction' | 'news' | undefined> {
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
   * What an inquiry would make of an answer. A refund of ours is decided with its payment;
   * `undefined` if it has just failed.
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

/** A missing answer is no difference; the answer that there is no such transaction is one. */
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
