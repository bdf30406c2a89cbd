// Compares a few ended payments with the gateway's own record of them. It is an inquiry like any other, so that news, such as a
// chargeback, moves the payment; what contradicts the end we know, or is not there at all, is a violation.
import type { Decision } from '@quittance/payments';
import type { InquirePayment } from '../inquiry/inquire-payment.js';
import type { Violation } from './violation.js';

export const GATEWAY_VIOLATIONS = ['gateway_disagrees'] as const;

export class GatewayAgreement {
  constructor(
    private readonly inquiry: InquirePayment,
    private readonly random: () => number = Math.random,
  ) {}

  /** Asks about up to `sample` of the payments, picked at random. */
  async find(paymentIds: readonly string[], sample: number): Promise<Violation[]> {
    const violations: Violation[] = [];
    for (const id of this.#some(paymentIds, sample)) {
      const decision = await this.inquiry.inquire(id);
      if (decision && disagrees(decision))
        violations.push({ kind: 'gateway_disagrees', subject: id });
    }
    return violations;
  }

  #some(paymentIds: readonly string[], sample: number): string[] {
    const left = [...paymentIds];
    const picked: string[] = [];
    while (picked.length < sample && left.length > 0)
      picked.push(...left.splice(Math.floor(this.random() * left.length), 1));
    return picked;
  }
}

/** Not being answered is no disagreement; being told that there is no such transaction is. */
function disagrees({ move, unmoved, isDisbelieved, alert }: Decision): boolean {
  if (move) return false;
  return isDisbelieved || unmoved === 'notFound' || alert === 'contradicts_final_status';
}
