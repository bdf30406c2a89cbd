// The progress of batches of payment intents. SQL: a call opens its batch and takes it over from an
// earlier call in one statement, ON CONFLICT … RETURNING.
import type { Pool } from 'pg';

/** A batch of one merchant. Lines are numbered from 1. */
export interface PaymentBatch {
  readonly id: string;
  /** Every line up to this number is settled. */
  readonly settled: number;
  /** Lines that made a payment. */
  readonly accepted: number;
  /** Lines whose reference had a payment with the same content. */
  readonly replayed: number;
  /** Lines that were answered with a problem. */
  readonly refused: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The call that counts a batch's lines now. */
export interface OpenBatch {
  readonly merchantId: string;
  readonly id: string;
  /** Greater than that of every earlier call. */
  readonly run: number;
  readonly settled: number;
}

/** The lines that were settled since the last progress. */
export interface BatchProgress {
  /** The last of them. */
  readonly settled: number;
  readonly accepted: number;
  readonly replayed: number;
  readonly refused: number;
}

const BEGIN = `
INSERT INTO payment_batches AS b (merchant_id, id, run, settled, accepted, replayed, refused, created_at, updated_at)
VALUES ($1, $2, 1, 0, 0, 0, 0, now(), now())
ON CONFLICT (merchant_id, id) DO UPDATE SET run = b.run + 1, updated_at = now()
RETURNING run, settled`;

/** Inserts nothing: of a batch that ends at the same time no line is settled. */
const CONTINUE = `
UPDATE payment_batches SET run = run + 1, updated_at = now()
WHERE merchant_id = $1 AND id = $2 AND settled >= $3::integer - 1
RETURNING run, settled`;

const ADVANCE = {
  name: 'advance_payment_batch',
  text: `
UPDATE payment_batches SET settled = $4, accepted = accepted + $5, replayed = replayed + $6, refused = refused + $7,
  updated_at = now()
WHERE merchant_id = $1 AND id = $2 AND run = $3`,
};

const FIND = `
SELECT id, settled, accepted, replayed, refused, created_at AS "createdAt", updated_at AS "updatedAt"
FROM payment_batches WHERE merchant_id = $1 AND id = $2`;

export class PaymentBatches {
  constructor(private readonly pool: Pool) {}

  /**
   * Opens a batch for a call that begins with line `firstLine`, or continues it: from then on no
   * earlier call counts its lines. Resolves with `undefined`, and changes nothing, when lines
   * before the first one are not settled, as in a batch that has ended.
   */
  async open(merchantId: string, id: string, firstLine: number): Promise<OpenBatch | undefined> {
    const { rows } = await this.pool.query<Pick<OpenBatch, 'run' | 'settled'>>(
      firstLine === 1 ? BEGIN : CONTINUE,
      firstLine === 1 ? [merchantId, id] : [merchantId, id, firstLine],
    );
    return rows[0] && { merchantId, id, ...rows[0] };
  }

  /**
   * Adds settled lines to a batch. Resolves with false, and adds nothing, when a later call
   * continues it.
   */
  async advance({ merchantId, id, run }: OpenBatch, progress: BatchProgress): Promise<boolean> {
    const { settled, accepted, replayed, refused } = progress;
    const values = [merchantId, id, run, settled, accepted, replayed, refused];
    const { rowCount } = await this.pool.query({ ...ADVANCE, values });
    return rowCount === 1;
  }

  /** Returns a merchant's batch; `undefined` when there is none of that name. */
  async find(merchantId: string, id: string): Promise<PaymentBatch | undefined> {
    const { rows } = await this.pool.query<PaymentBatch>(FIND, [merchantId, id]);
    return rows[0];
  }
}
