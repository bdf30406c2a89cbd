// A merchant's payments, newest first. SQL: Prisma takes several times the CPU for a page (ADR 37),
// and its rows would need a second mapping to a Payment.
import type { Payment } from '@quittance/payments';
import {
  type BoundedPage,
  type ListedTable,
  type PageQuery,
  readPage,
  sourceOf,
} from './bounded-page.js';
import { paymentOf, type PaymentRow } from './payment-row.js';
import type { Reads } from './replica/reads.js';

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

const PAYMENTS: ListedTable = {
  table: 'payment_intents',
  prefix: 'pi',
  columns: 'n.*, (SELECT name FROM terminals t WHERE t.id = n.terminal_id) AS terminal_name',
};

const TERMINAL = 'n.terminal_id = (SELECT id FROM terminals WHERE merchant_id = ? AND name = ?)';

export class PaymentList {
  constructor(private readonly reads: Reads) {}

  /** Returns up to `limit` matching payments of the merchant, also fewer before the list's end. */
  async read(
    merchantId: string,
    { reference, orderId, status, terminal, ...span }: PaymentFilter,
    limit: number,
  ): Promise<BoundedPage<ListedPayment>> {
    const merchant = { merchant_id: merchantId };
    const isOne = reference !== undefined;
    const query: PageQuery = {
      along: isOne ? {} : { ...merchant, ...(orderId !== undefined && { order_id: orderId }) },
      lookup: isOne ? { ...merchant, reference } : {},
      matching: {
        order: isOne && orderId !== undefined ? ['n.order_id = ?', orderId] : undefined,
        status: status === undefined ? undefined : ['n.status = ?', status],
        terminal: terminal === undefined ? undefined : [TERMINAL, merchantId, terminal],
      },
      ...span,
      limit,
    };
    const page = await readPage<PaymentRow & { readonly terminal_name: string }>(
      sourceOf(this.reads, PAYMENTS, query),
      PAYMENTS,
      query,
    );
    const rows = page.rows.map((row) => ({
      payment: paymentOf(row),
      terminalName: row.terminal_name,
    }));
    return { rows, next: page.next };
  }
}
