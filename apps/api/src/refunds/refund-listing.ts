// Lists a merchant's refunds, newest first. As for payments, an id suffices as a cursor.
import { looksLikeCard } from '@quittance/cards';
import { eventRefundStatusSchema } from '@quittance/events';
import { Injectable } from '@nestjs/common';
import { type RefundView, refundView } from '@quittance/payments';
import { RefundList } from '@quittance/persistence';
import { idPattern } from '@quittance/platform';
import { z } from 'zod';
import { instantQuery, limitQuery, type Page } from '../paging.js';
import { createRefundSchema } from './create-refund.schema.js';

/** The query string of `GET /v1/payment-intents/:id/refunds`. */
export const listPaymentRefundsQuery = z.strictObject({
  // As in the list of payments, a text that cannot be a reference does not reach Postgres. No
  // refund has a card's number for its reference.
  reference: createRefundSchema.shape.reference
    .refine((text) => !looksLikeCard(text), {
      params: { code: 'card_number' },
      error: 'Must not be a card number.',
    })
    .optional()
    .meta({ description: 'Exactly this reference.' }),
  status: eventRefundStatusSchema.optional().meta({ description: 'Only refunds in this status.' }),
  created_after: instantQuery('Only refunds requested after this instant.'),
  created_before: instantQuery('Only refunds requested before this instant.'),
  limit: limitQuery,
  after: z
    .string()
    .regex(idPattern('re'), 'Must be the "next" of an earlier response.')
    .optional()
    .meta({ description: 'The `next` of an earlier page; continues after it.' }),
});

/** The query string of `GET /v1/refunds`. */
export const listRefundsQuery = listPaymentRefundsQuery.extend({
  payment_intent: z
    .string()
    .regex(idPattern('pi'), 'Must be the id of a payment intent.')
    .optional()
    .meta({ description: 'Only refunds of this payment.' }),
});

export type ListRefundsQuery = z.infer<typeof listRefundsQuery>;

@Injectable()
export class RefundListing {
  constructor(private readonly refunds: RefundList) {}

  async list(
    merchantId: string,
    {
      payment_intent: paymentId,
      created_after: createdAfter,
      created_before: createdBefore,
      limit,
      ...filter
    }: ListRefundsQuery,
  ): Promise<Page<RefundView>> {
    const conditions = { ...filter, paymentId, createdAfter, createdBefore };
    const { rows, next } = await this.refunds.read(merchantId, conditions, limit);
    return { data: rows.map(refundView), has_more: next !== null, next };
  }
}
