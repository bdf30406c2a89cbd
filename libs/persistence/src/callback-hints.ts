// The transIDs that callbacks named for a payment. Anyone may have sent them, so they are only used
// for inquiries. SQL: window functions.
import type { Pool } from 'pg';

/**
 * The first two transactions that were named, the last two, and one of those in between: a flood of
 * forged callbacks can neither displace a true one before or after it, nor hide one inside it for
 * good.
 */
const FIRST_AND_LAST = 2;

const NAMED = {
  name: 'named_by_callbacks',
  text: `
WITH named AS (
  SELECT fields->>'transID' AS trans_id, min(received_at) AS since FROM callbacks
  WHERE payment_id = $1 AND verdict = 'awaiting_inquiry' AND fields->>'transID' ~ '^[0-9]{1,19}$'
  GROUP BY 1
), placed AS (
  SELECT trans_id, row_number() OVER by_age AS place, count(*) OVER () AS total FROM named
  WINDOW by_age AS (ORDER BY since, trans_id)
)
SELECT trans_id FROM placed
WHERE place <= $2 OR place > total - $2 OR place = $2 + 1 + $3 % GREATEST(total - 2 * $2, 1)
ORDER BY place`,
};

export class CallbackHints {
  constructor(private readonly pool: Pool) {}

  /**
   * Returns the transIDs that callbacks to the payment's address named in reports that match it
   * otherwise: five at most, oldest first. `turn` selects the one of the middle; increment it to
   * get all of them.
   */
  async transIds(paymentId: string, turn: number): Promise<string[]> {
    const values = [paymentId, FIRST_AND_LAST, turn];
    const { rows } = await this.pool.query<{ trans_id: string }>({ ...NAMED, values });
    return rows.map(({ trans_id }) => trans_id);
  }
}
