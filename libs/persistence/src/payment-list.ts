// A merchant's payments, newest first. SQL: Prisma takes several times the CPU for a page (ADR 37),
// and its rows would need a second mapping to a Payment.
import type { Payment } from '@quittance/payments';
import type { Pool } from 'pg';
import { paymentOf, type PaymentRow } from './payment-row.js';

/** Conditions on payments; an omitted one does not restrict. */
export interface PaymentFilter {
  readonly reference?: string | undefined;
  readonly orderId?: string | undefined;
  /** In the form of the wire, e.g. `in_doubt`. */
  readonly status?: string | undefined;
  /** The merchant's name of the terminal. */
  readonly terminal?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  /** Only payments older than the one with this id. */
  readonly after?: string | undefined;
}

/** A payment and the merchant's name of its terminal. */
export interface ListedPayment {
  readonly payment: Payment;
  readonly terminalName: string;
}

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
  AND ($6::timestamptz IS NULL OR p.created_at < $6)
  AND ($7::text IS NULL OR p.id < $7)
  AND ($8::text IS NULL OR p.order_id = $8)
ORDER BY p.id DESC LIMIT $9`,
};

export class PaymentList {
  constructor(private readonly pool: Pool) {}

  /** Returns up to `limit` matching payments of the merchant. */
  async read(merchantId: string, filter: PaymentFilter, limit: number): Promise<ListedPayment[]> {
    const { reference, status, terminal, createdAfter, createdBefore, after, orderId } = filter;
    const filters = [reference, status, terminal, createdAfter, createdBefore, after, orderId];
    const { rows } = await this.pool.query<PaymentRow & { readonly terminal_name: string }>({
      ...LIST,
      values: [merchantId, ...filters.map((value) => value ?? null), limit],
    });
    return rows.map((row) => ({ payment: paymentOf(row), terminalName: row.terminal_name }));
  }
}
