// The payments whose next step is due, or whose deadline for sending has passed. Sweepers query
// them for all payments at once.
import { statusFromWire, type PaymentStatus } from '@quittance/payments';
import type { Pool } from 'pg';
import type { PaymentRow } from './payment-row.js';
import { CLAIM_DUE, CLAIM_WATCHED, OVERDUE, RELEASE_DUE } from './statements.js';

/** A payment whose next step is due. */
export interface DueStep {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly status: PaymentStatus;
  readonly lane: string;
  readonly version: number;
  readonly inquiries: number;
  readonly asks: number;
}

/** The steps to claim, and the end of the claim. */
export interface Claim {
  readonly now: Date;
  readonly leaseUntil: Date;
  readonly limit: number;
}

/** Claims to end before their lease does. */
export interface Release {
  readonly ids: readonly string[];
  /** As in the claim. */
  readonly now: Date;
  readonly leaseUntil: Date;
  /** The time at which the steps are due again. */
  readonly dueAt: Date;
}

export class DuePayments {
  constructor(private readonly pool: Pool) {}

  /**
   * Claims up to `limit` payments due at `now`; each comes due again at `leaseUntil` unless a step
   * moves it on. One that has been queued for longer than that comes due after as long again, at
   * most after ten minutes. Leaves payments in a final status to {@link claimWatched}, unless an
   * inquiry was requested.
   */
  claim(options: Claim): Promise<DueStep[]> {
    return this.#claim(CLAIM_DUE, options);
  }

  /** Claims payments in a final status, for the next step of the watch over them. */
  claimWatched(options: Claim): Promise<DueStep[]> {
    return this.#claim(CLAIM_WATCHED, options);
  }

  async #claim(
    statement: { readonly name: string; readonly text: string },
    { now, leaseUntil, limit }: Claim,
  ): Promise<DueStep[]> {
    const values = [now, leaseUntil, limit];
    const { rows } = await this.pool.query<PaymentRow>({ ...statement, values });
    return rows.flatMap(({ id, merchant_id: merchantId, status, asks, ...row }) => {
      const known = statusFromWire(status);
      const { lane, version, inquiries } = row;
      const step = { paymentId: id, merchantId, lane, version, inquiries, asks: asks ?? 0 };
      return known ? [{ ...step, status: known }] : [];
    });
  }

  /** Ends claims early. Payments that have moved on since are left alone. */
  async release({ ids, now, leaseUntil, dueAt }: Release): Promise<void> {
    await this.pool.query({ ...RELEASE_DUE, values: [ids, leaseUntil, dueAt, now] });
  }

  /** Returns the ids of up to `limit` queued payments that may no longer be sent at `now`. */
  async overdue({ now, limit }: { now: Date; limit: number }): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>({ ...OVERDUE, values: [now, limit] });
    return rows.map(({ id }) => id);
  }
}
