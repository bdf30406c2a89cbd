// A merchant's refunds, newest first: by reference, by payment, or the newest.
import {
  publicRefundStatus,
  type Refund,
  refundStatuses,
  refundStatusToWire,
} from '@quittance/payments';
import {
  type BoundedPage,
  type ListedTable,
  type PageQuery,
  readPage,
  sourceOf,
} from '../bounded-page.js';
import type { Reads } from '../replica/reads.js';
import { refundOf, type RefundRow } from './refund-row.js';

/** Conditions on refunds; an omitted one does not restrict. */
export interface RefundFilter {
  readonly paymentId?: string | undefined;
  readonly reference?: string | undefined;
  /** As callers see it, e.g. `pending`. */
  readonly status?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  /** Only refunds older than the one with this id. */
  readonly after?: string | undefined;
}

const REFUNDS: ListedTable = { table: 'refunds', prefix: 're', columns: 'n.*' };

const STATUS = 'n.status = ANY (?::refund_status[])';

export class RefundList {
  constructor(private readonly reads: Reads) {}

  /** Returns up to `limit` matching refunds of the merchant, also fewer before the list's end. */
  async read(
    merchantId: string,
    { paymentId, reference, status, ...span }: RefundFilter,
    limit: number,
  ): Promise<BoundedPage<Refund>> {
    const merchant = { merchant_id: merchantId };
    const isOne = reference !== undefined;
    const isOfPayment = paymentId !== undefined;
    const query: PageQuery = {
      along: isOne ? {} : isOfPayment ? { payment_id: paymentId } : merchant,
      lookup: isOne ? { ...merchant, reference } : {},
      matching: {
        merchant: isOfPayment ? ['n.merchant_id = ?', merchantId] : undefined,
        payment: isOne && isOfPayment ? ['n.payment_id = ?', paymentId] : undefined,
        status: status === undefined ? undefined : [STATUS, storedStatuses(status)],
      },
      ...span,
      limit,
    };
    const page = await readPage<RefundRow>(sourceOf(this.reads, REFUNDS, query), REFUNDS, query);
    return { rows: page.rows.map(refundOf), next: page.next };
  }
}

/** Several stored statuses look the same to callers. */
function storedStatuses(status: string): string[] {
  return refundStatuses
    .filter((stored) => publicRefundStatus(stored) === status)
    .map(refundStatusToWire);
}
