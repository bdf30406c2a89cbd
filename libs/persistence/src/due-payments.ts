// Which payments have waited long enough: for their next step, or for being sent at all. Asked of all payments at once, by passes.
import { statusFromWire, type PaymentStatus } from '@quittance/payments';
import type { Pool } from 'pg';
import type { PaymentRow } from './payment-row.js';
import { CLAIM_DUE, OVERDUE } from './statements.js';

/** A payment whose next step is due. */
export interface DueStep {
  readonly paymentId: string;
  readonly status: PaymentStatus;
  readonly lane: string;
  readonly version: number;
  readonly inquiries: number;
  readonly asks: number;
}

export class DuePayments {
  constructor(private readonly pool: Pool) {}

  /** Claims up to `limit` payments due at `now`; each comes due again at `leaseUntil` unless a step moves it on. */
  async claim(options: { now: Date; leaseUntil: Date; limit: number }): Promise<DueStep[]> {
    const values = [options.now, options.leaseUntil, options.limit];
    const { rows } = await this.pool.query<PaymentRow>({ ...CLAIM_DUE, values });
    return rows.flatMap(({ id, status, lane, version, inquiries, asks }) => {
      const known = statusFromWire(status);
      const step = { paymentId: id, lane, version, inquiries, asks: asks ?? 0 };
      return known ? [{ ...step, status: known }] : [];
    });
  }

  /** Ids of up to `limit` queued payments that may no longer be sent at `now`. */
  async overdue({ now, limit }: { now: Date; limit: number }): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>({ ...OVERDUE, values: [now, limit] });
    return rows.map(({ id }) => id);
  }
}
