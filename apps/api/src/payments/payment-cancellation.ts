// Cancels a payment that has not been sent. A worker may open its attempt at the same moment: the
// first to commit wins, and the other one fails.
import { Injectable } from '@nestjs/common';
import { decide, type Payment, statusToWire } from '@quittance/payments';
import { type LoadedPayment, Payments } from '@quittance/persistence';
import { Clock, Conflict, crashPoint } from '@quittance/platform';

@Injectable()
export class PaymentCancellation {
  constructor(
    private readonly payments: Payments,
    private readonly clock: Clock,
  ) {}

  /** Resolves with the cancelled payment. Throws `state_conflict` unless it is still `queued`. */
  async cancel(loaded: LoadedPayment, terminalName: string): Promise<Payment> {
    crashPoint('cancel.before-commit');
    const change = await this.payments.apply(loaded, ({ payment }) => {
      const evidence = { cause: 'request', act: 'cancel' } as const;
      const decision = decide(payment, evidence, this.clock.now());
      if (!decision.move) throw notQueued(payment);
      return { before: payment, decision, terminalName };
    });
    crashPoint('cancel.after-commit');
    return change?.decision.next ?? loaded.payment;
  }
}

function notQueued({ status }: Payment): Conflict {
  const detail = `Only a queued payment can be cancelled; this one is ${statusToWire(status)}.`;
  return new Conflict('state_conflict', detail);
}
