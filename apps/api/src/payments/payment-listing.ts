// Lists a merchant's payments, newest first. Ids begin with their time, so their order is the order
// of acceptance, and an id suffices as a cursor.
import { idPattern } from '@quittance/platform';
import { Injectable } from '@nestjs/common';
import { type PaymentIntentView, paymentIntentView } from '@quittance/payments';
import { PaymentList } from '@quittance/persistence';
import { z } from 'zod';
import { eventStatusSchema } from '@quittance/events';
import { createPaymentSchema } from './create-payment.schema.js';
import { instantQuery, limitQuery, type Page } from '../paging.js';

export const listPaymentsQuery = z.strictObject({
  // A text that cannot be a reference is rejected here. It may be a card's number, which would
  // appear in the logs of Postgres.
  reference: createPaymentSchema.shape.reference
    .optional()
    .meta({ description: 'Exactly this reference.' }),
  order_id: createPaymentSchema.shape.reference
    .optional()
    .meta({ description: 'Only the payments of this order.' }),
  status: eventStatusSchema.optional().meta({ description: 'Only payments in this status.' }),
  // NUL would reach Postgres, which accepts it in no text.
  terminal: createPaymentSchema.shape.terminal
    .optional()
    .meta({ description: 'Only this terminal.' }),
  created_after: instantQuery('Only payments accepted after this instant.'),
  created_before: instantQuery('Only payments accepted before this instant.'),
  limit: limitQuery,
  after: z
    .string()
    .regex(idPattern('pi'), 'Must be the "next" of an earlier response.')
    .optional()
    .meta({ description: 'The `next` of an earlier page; continues after it.' }),
});

export type ListPaymentsQuery = z.infer<typeof listPaymentsQuery>;

@Injectable()
export class PaymentListing {
  constructor(private readonly payments: PaymentList) {}

  async list(
    merchantId: string,
    {
      created_after: createdAfter,
      created_before: createdBefore,
      order_id: orderId,
      limit,
      ...filter
    }: ListPaymentsQuery,
  ): Promise<Page<PaymentIntentView>> {
    const conditions = { ...filter, createdAfter, createdBefore, orderId };
    const { rows, next } = await this.payments.read(merchantId, conditions, limit);
    const data = rows.map(({ payment, terminalName }) => paymentIntentView(payment, terminalName));
    return { data, has_more: next !== null, next };
  }
}
