// A merchant's payments, newest first. Ids begin with their time, so that their order is the order of acceptance and
// an id is all a cursor needs.
import { type PaymentIntentView, paymentIntentView } from '@quittance/payments';
import { paymentOf, type PaymentRow } from '@quittance/persistence';
import type { Pool } from 'pg';
import { z } from 'zod';
import { eventStatusSchema } from '@quittance/events';
import { createPaymentSchema } from '../intake/create-payment.schema.js';
import { limitQuery, type Page } from '../paging.js';

export const listPaymentsQuery = z.strictObject({
  // Whatever cannot be a reference is refused here: it may be a card's number, and would stand in the logs of Postgres.
  reference: createPaymentSchema.shape.reference
    .optional()
    .meta({ description: 'Exactly this reference.' }),
  status: eventStatusSchema.optional().meta({ description: 'Only payments in this status.' }),
  terminal: z.string().min(1).max(64).optional().meta({ description: 'Only this terminal.' }),
  created_after: z.iso
    .datetime({ offset: true, error: 'Must be a time such as 2026-11-21T10:00:00Z.' })
    // Not left to Postgres, which knows no year 0 and no offset beyond 15:59.
    .transform((text) => new Date(text))
    .optional()
    .meta({ description: 'Only payments accepted after this instant.' }),
  limit: limitQuery,
  after: z
    .string()
    .regex(/^pi_[0-9a-z]{26}$/, 'Must be the "next" of an earlier answer.')
    .optional()
    .meta({ description: 'Continue after an earlier page: its `next`.' }),
});

export type ListPaymentsQuery = z.infer<typeof listPaymentsQuery>;

const LIST = {
  name: 'list_payments',
  text: `
SELECT p.*, t.name AS terminal_name
FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id
WHERE p.merchant_id = $1
  AND ($2::text IS NULL OR p.reference = $2)
  AND ($3::payment_status IS NULL OR p.status = $3)
  AND ($4::text IS NULL OR t.name = $4)
  AND ($5::timestamptz IS NULL OR p.created_at > $5)
  AND ($6::text IS NULL OR p.id < $6)
ORDER BY p.id DESC LIMIT $7`,
};

export class ListPayments {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async list(merchantId: string, query: ListPaymentsQuery): Promise<Page<PaymentIntentView>> {
    const { reference, status, terminal, created_after, after, limit } = query;
    const filters = [reference, status, terminal, created_after, after];
    // One more than asked for says whether there is more.
    const { rows } = await this.#pool.query<PaymentRow & { readonly terminal_name: string }>({
      ...LIST,
      values: [merchantId, ...filters.map((filter) => filter ?? null), limit + 1],
    });
    const data = rows
      .slice(0, limit)
      .map((row) => paymentIntentView(paymentOf(row), row.terminal_name));
    const hasMore = rows.length > limit;
    return { data, has_more: hasMore, next: hasMore ? (data.at(-1)?.id ?? null) : null };
  }
}
