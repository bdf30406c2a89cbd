// Loads a merchant's own payments. A payment of another merchant is not found, whatever its id.
import { Injectable } from '@nestjs/common';
import { type Payment, type PaymentIntentView, paymentIntentView } from '@quittance/payments';
import {
  type LoadedPayment,
  Payments,
  Terminals,
  type TerminalWithoutKey,
} from '@quittance/persistence';
import { idPattern, InvalidRequest, InvariantViolation } from '@quittance/platform';

const ID = idPattern('pi');

@Injectable()
export class MerchantPayments {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals<TerminalWithoutKey>,
  ) {}

  /** Throws `not_found` unless the payment exists and belongs to the merchant. */
  async load(merchantId: string, id: string): Promise<LoadedPayment> {
    const loaded = ID.test(id) ? await this.payments.load(id) : undefined;
    if (loaded?.payment.merchantId !== merchantId) {
      throw InvalidRequest.notFound('There is no payment intent with this id.');
    }
    return loaded;
  }

  /** Returns the public JSON of a payment. */
  async view(payment: Payment): Promise<PaymentIntentView> {
    return paymentIntentView(payment, await this.terminalNameOf(payment));
  }

  /** Returns the merchant's name for the payment's terminal. */
  async terminalNameOf({ id, terminalId }: Payment): Promise<string> {
    const terminal = await this.terminals.load(terminalId);
    if (!terminal)
      throw new InvariantViolation('terminal_vanished', `payment ${id} has no terminal`);
    return terminal.name;
  }
}
