// Refunds for tests, of payments that can be refunded.
import type { Payment, Refund } from '@quittance/payments';
import { newId } from '@quittance/platform';
import type { Pool } from 'pg';
import { aPayment, newTransId } from './payments.js';

/** A payment of 11.11 EUR that the gateway has approved; override the fields that matter. */
export function aPaidPayment(overrides: Partial<Payment> = {}): Payment {
  return aPayment({
    status: 'succeeded',
    version: 1,
    attempt: 1,
    transId: newTransId(),
    orderStatus: '1',
    nextStepAt: new Date(Date.now() + 3_600_000),
    ...overrides,
  });
}

/** A refund of the whole payment, just accepted. */
export function aRefundOf(payment: Payment, overrides: Partial<Refund> = {}): Refund {
  const now = new Date();
  const id = newId('re', overrides.createdAt ?? now);
  return {
    id,
    merchantId: payment.merchantId,
    paymentId: payment.id,
    reference: `RF-${id.slice(3)}`,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    reason: null,
    status: 'queued',
    version: 1,
    attempt: 0,
    inquiries: 0,
    asks: 0,
    failure: null,
    doubtReason: null,
    submitBefore: new Date(now.getTime() + 600_000),
    nextStepAt: new Date(now.getTime() + 30_000),
    createdAt: now,
    updatedAt: now,
    ...overrides,
  };
}

/** Transitions a paid payment to `disputed`, with its event, as another process does. */
export async function dispute(pool: Pool, { id }: Payment): Promise<void> {
  await pool.query(
    `WITH p AS (UPDATE payment_intents SET status = 'disputed', version = version + 1 WHERE id = $1
       RETURNING id, version, merchant_id)
     INSERT INTO payment_events
       (payment_id, sequence, merchant_id, status, previous_status, cause, snapshot, created_at)
     SELECT id, version, merchant_id, 'disputed', 'succeeded', 'inquiry', '{}', now() FROM p`,
    [id],
  );
}
