// The use case behind a published payment: the same intake as by HTTP, for the merchant that
// signed.
import { Injectable } from '@nestjs/common';
import { InvalidRequest, Unavailable } from '@quittance/platform';
import { type PaymentIntentView, paymentIntentView } from '@quittance/payments';
import { RequestLimits } from '../access/limits/request-limits.js';
import { SignedIntents } from '../access/signed-intents.js';
import { IntakeCounter } from '../intake/intake-counter.js';
import { type Accepted, PaymentIntake } from '../intake/payment-intake.js';
import { jobFaults, jwsOf, type PublishedJob } from './published-job.js';

/** The return value of a job. */
export interface Publication {
  readonly payment_intent: PaymentIntentView;
  /** True when the reference had this payment before. */
  readonly idempotent_replayed: boolean;
}

@Injectable()
export class IntentPublication {
  constructor(
    private readonly signed: SignedIntents,
    private readonly limits: RequestLimits,
    private readonly intake: PaymentIntake,
    private readonly counter: IntakeCounter,
  ) {}

  /**
   * Stores the signed payment of a job, or finds the one with its reference. Throws
   * `validation_failed` with every fault of the job's form, `too_many_requests` (429), and the
   * faults of {@link SignedIntents.open} and {@link PaymentIntake.accept}.
   */
  async accept(job: PublishedJob): Promise<Publication> {
    const { payment, terminalName, isReplayed } = await this.counter.counted(
      this.#accept(job),
      'job',
    );
    return {
      payment_intent: paymentIntentView(payment, terminalName),
      idempotent_replayed: isReplayed,
    };
  }

  async #accept(job: PublishedJob): Promise<Accepted> {
    const faults = jobFaults(job);
    if (faults.length > 0) throw InvalidRequest.validationFailed(faults);
    const { caller, body } = await this.signed.open(jwsOf(job.data));
    const waitMs = await this.limits.countPayment(caller);
    if (waitMs > 0) {
      throw Unavailable.tooManyRequests('The key is over its limit.', Math.ceil(waitMs / 1_000));
    }
    const { merchantId } = caller;
    // A job has no address of its own: the payer's is in the payload, or unknown.
    const request = { merchantId, body, callerIp: undefined, refusesClearCards: true };
    return this.intake.accept({ ...request, kind: 'job' });
  }
}
