// Which payments have waited long enough: for their next step, or for being sent at all. Asked of
// all payments at once, by passes.
import { statusFromWire, type PaymentStatus } from '@quittance/payments';
import type { Pool } from 'pg';
import type { PaymentRow } from './payment-row.js';
import { CLAIM_DUE, CLAIM_WATCHED, OVERDUE, RELEASE_DUE } from './statements.js';

/** A payment whose next step is due. */
export interface DueStep {
  readonly paymentId: string;
  readonly status: PaymentStatus;
  readonly lane: string;
  readonly version: number;
  readonly inquiries: number;
  readonly asks: number;
}

/** Which steps to claim, and until when. */
export interface Claim {
  readonly now: Date;
  readonly leaseUntil: Date;
  readonly limit: number;
}

/** Claims to end before their lease does. */
export interface Release {
  readonly ids: readonly string[];
  /** As in the claim. */
  readonly leaseUntil: Date;
  /** The time at which the steps are due again. */
  readonly dueAt: Date;
}

export class DuePayments {
  constructor(private readonly pool: Pool) {}

  /**
   * Claims up to `limit` payments due at `now`; each comes due again at `leaseUntil` unless a step
   * moves it on. Those that have ended are left to {@link claimWatched}, unless somebody has asked
   * for the gateway's word.
   */
  claim(options: Claim): Promise<DueStep[]> {
    return this.#claim(CLAIM_DUE, options);
  }

  /** Claims payments that have ended, for the next step of the watch over them. */
  claimWatched(options: Claim): Promise<DueStep[]> {
    return this.#claim(CLAIM_WATCHED, options);
  }

  async #claim(
    statement: { readonly name: string; readonly text: string },
    { now, leaseUntil, limit }: Claim,
  ): Promise<DueStep[]> {
    const values = [now, leaseUntil, limit];
    const { rows } = await this.pool.query<PaymentRow>({ ...statement, values });
    return rows.flatMap(({ id, status, lane, version, inquiries, asks }) => {
      const known = statusFromWire(status);
      const step = { paymentId: id, lane, version, inquiries, asks: asks ?? 0 };
      return known ? [{ ...step, status: known }] : [];
    });
  }

  /** Ends claims early. Payments that have moved on since are left alone. */
  async release({ ids, leaseUntil, dueAt }: Release): Promise<void> {
    await this.pool.query({ ...RELEASE_DUE, values: [ids, leaseUntil, dueAt] });
  }

  /** Ids of up to `limit` queued payments that may no longer be sent at `now`. */
  async overdue({ now, limit }: { now: Date; limit: number }): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>({ ...OVERDUE, values: [now, limit] });
    return rows.map(({ id }) => id);
  }
}
