// The use case behind `POST /v1/payment-intents/:id/refunds`: validates the request, reserves the
// amount and commits. Once it has resolved, the refund is durable.
import { Injectable } from '@nestjs/common';
import type { Payment, Refund } from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import { Clock, Conflict, crashPoint, inSpan, newId, Unavailable } from '@quittance/platform';
import { IntakeSettings } from '../config.js';
import { assertRefundable, type ReadRefund, readCreateRefund } from './refund-rules.js';

/** A stored refund, and whether it existed before the request. */
export interface RequestedRefund {
  readonly refund: Refund;
  readonly isReplayed: boolean;
}

/**
 * As for payments: the relay passes the refund to a worker within milliseconds, and the sweeper
 * finds it due if that message is lost.
 */
const SWEEP_AFTER_MS = 30_000;

@Injectable()
export class RefundIntake {
  /** A refund may wait for an unreachable gateway as long as a payment may. */
  constructor(
    private readonly payments: Payments,
    private readonly refunds: Refunds,
    private readonly clock: Clock,
    private readonly settings: IntakeSettings,
  ) {}

  /**
   * Stores a refund of `payment`, or finds the one with the same reference. `body` is not validated
   * yet. Throws `validation_failed`, `reference_conflict`, `refund_exists` and `state_conflict`.
   */
  request(payment: Payment, body: unknown, traceparent?: string): Promise<RequestedRefund> {
    const { id, traceparent: own } = payment;
    // The refund's later steps are in the payment's trace, as its events are.
    const options = { kind: 'server', parent: traceparent ?? null, links: [own] } as const;
    return inSpan('refund.accept', options, async (span) => {
      const requested = await this.#request(payment, body);
      const { refund, isReplayed } = requested;
      span.set({ 'quittance.payment_id': id, 'quittance.refund_id': refund.id });
      span.set({ 'quittance.is_replayed': isReplayed });
      return requested;
    });
  }

  async #request(payment: Payment, body: unknown): Promise<RequestedRefund> {
    const read = readCreateRefund(body, payment);
    const known = await this.refunds.loadByReference(payment.merchantId, read.reference);
    if (known) return replay(known, payment, read);
    assertRefundable(payment, read);
    const refund = this.#newRefund(payment, read);
    crashPoint('refund-intake.before-commit');
    const result = await this.refunds.request(refund);
    crashPoint('refund-intake.after-commit');
    switch (result) {
      case 'reserved':
        return { refund, isReplayed: false };
      case 'referenceTaken':
        return replay(await this.#stored(refund), payment, read);
      case 'notReservable': {
        // Another request was faster. It may have been a repetition of this one.
        const stored = await this.refunds.loadByReference(payment.merchantId, read.reference);
        if (stored) return replay(stored, payment, read);
        const current = await this.payments.load(payment.id);
        if (current) assertRefundable(current.payment, read);
        if (await this.refunds.sharesTransaction(payment.id)) throw transactionShared();
        throw new Unavailable('unavailable', 'The payment is being changed; nothing was written.');
      }
    }
  }

  #newRefund(payment: Payment, { reference, amountMinor, reason }: ReadRefund): Refund {
    const now = this.clock.now();
    const { merchantId, id: paymentId, currency } = payment;
    return {
      // Lists select by the time in the id: it is that of `createdAt`.
      id: newId('re', now),
      merchantId,
      paymentId,
      reference,
      amountMinor,
      currency,
      reason,
      status: 'queued',
      version: 1,
      attempt: 0,
      inquiries: 0,
      asks: 0,
      failure: null,
      doubtReason: null,
      submitBefore: new Date(now.getTime() + this.settings.submitWithinMs),
      nextStepAt: new Date(now.getTime() + SWEEP_AFTER_MS),
      createdAt: now,
      updatedAt: now,
    };
  }

  async #stored({ merchantId, reference }: Refund): Promise<Refund> {
    const stored = await this.refunds.loadByReference(merchantId, reference);
    if (stored) return stored;
    const detail =
      'This reference was used for a refund that has been deleted since because of its age. Send a new reference for a new refund.';
    throw new Conflict('reference_conflict', detail);
  }
}

function transactionShared(): Conflict {
  const detail =
    'The gateway also reported this payment’s transaction for another payment. It cannot be refunded until a person has decided which payment owns it.';
  return new Conflict('state_conflict', detail);
}

/**
 * The same content is the same refund. Different content is reported by the names of the fields
 * that differ.
 */
function replay(stored: Refund, payment: Payment, read: ReadRefund): RequestedRefund {
  const compared = [
    ['payment_intent', stored.paymentId === payment.id],
    ['amount', stored.amountMinor === read.amountMinor],
    ['reason', stored.reason === read.reason],
  ] as const;
  const errors = compared
    .filter(([, isSame]) => !isSame)
    .map(([path]) => ({
      path,
      code: 'differs',
      message: 'Differs from the first request with this reference.',
    }));
  if (errors.length === 0) return { refund: stored, isReplayed: true };
  const detail = 'This reference was used for a refund with different content; see errors.';
  throw new Conflict('reference_conflict', detail, { errors });
}
