// Adds approved payments and their refunds to the worker's rig.
import type { Payment, Refund } from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { aPaidPayment, aRefundOf } from '../../../test/support/refunds.js';
import { transaction, type WorkerRig } from './worker-rig.js';

export const REFUND_PATH = '/api/transactions/refund-request';

/** The gateway's acceptance in the form of its newer servers. */
export const pending = (payment: Payment) => ({
  ...transaction(payment, '8'),
  status: 'Request Processed',
});

/** A clock that always returns the same time. */
export class FixedClock extends Clock {
  constructor(private readonly at: Date) {
    super();
  }
  override now(): Date {
    return this.at;
  }
}

export class RefundRig {
  constructor(private readonly rig: WorkerRig) {}

  /** Stores a payment that the gateway approved, and a refund of it that was just requested. */
  async ask(ofRefund: Partial<Refund> = {}): Promise<{ payment: Payment; refund: Refund }> {
    const payment = await this.pay();
    const refund = aRefundOf(payment, ofRefund);
    await new Refunds(this.rig.pool).request(refund);
    return { payment, refund };
  }

  async pay(): Promise<Payment> {
    const payment = aPaidPayment();
    const accepted = { payment, terminalName: 'main', sealedCard: null };
    await new Payments(this.rig.pool).accept(accepted);
    return payment;
  }

  /** The refund requests that reached the gateway. */
  sent() {
    return this.rig.gateway.requests.filter(({ path }) => path === REFUND_PATH);
  }

  async load({ id }: Refund) {
    const loaded = await new Refunds(this.rig.pool).load(id);
    if (!loaded) throw new Error('the refund is gone');
    return loaded;
  }
}
