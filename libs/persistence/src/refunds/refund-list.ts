// A merchant's refunds, newest first. Each set of conditions has a statement of its own, so that
// Postgres plans for the conditions that are there: by reference, by payment, or the newest.
import {
  publicRefundStatus,
  type Refund,
  refundStatuses,
  refundStatusToWire,
} from '@quittance/payments';
import type { Pool } from 'pg';
import type { Statement } from '../run-statement.js';
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

/** The condition of each filter; `?` stands for its value. */
const CONDITIONS: Readonly<Record<keyof RefundFilter, string>> = {
  paymentId: 'payment_id = ?',
  reference: 'reference = ?',
  status: 'status = ANY (?::refund_status[])',
  createdAfter: 'created_at > ?',
  createdBefore: 'created_at < ?',
  after: 'id < ?',
};

/** Returns the statement for these conditions, whose values follow the merchant and the limit. */
export function listRefunds(conditions: readonly (keyof RefundFilter)[]): Statement {
  const clauses = conditions.map(
    (name, at) => `AND ${CONDITIONS[name].replace('?', `$${at + 3}`)}`,
  );
  return {
    name: ['list_refunds', ...conditions].join('_'),
    text: `SELECT * FROM refunds WHERE merchant_id = $1 ${clauses.join(' ')} ORDER BY id DESC LIMIT $2`,
  };
}

export class RefundList {
  constructor(private readonly pool: Pool) {}

  /** Returns up to `limit` matching refunds of the merchant. */
  async read(merchantId: string, filter: RefundFilter, limit: number): Promise<Refund[]> {
    const names = Object.keys(CONDITIONS) as (keyof RefundFilter)[];
    const conditions = names.filter((name) => filter[name] !== undefined);
    const values = conditions.map((name) =>
      name === 'status' ? storedStatuses(filter.status) : filter[name],
    );
    const { rows } = await this.pool.query<RefundRow>({
      ...listRefunds(conditions),
      values: [merchantId, limit, ...values],
    });
    return rows.map(refundOf);
  }
}

/** Several stored statuses look the same to callers. */
function storedStatuses(status: string | undefined): string[] {
  return refundStatuses
    .filter((stored) => publicRefundStatus(stored) === status)
    .map(refundStatusToWire);
}
